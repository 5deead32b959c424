/** Loaded into a process that is watched: answers each message with what memory it holds. */
process.on('message', () => {
  // Started with --expose-gc: what could be let go of does not count.
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ rss, heapUsed })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Listening does not keep a program that has finished.
process.channel?.unref()
