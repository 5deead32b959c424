/**
 * Loaded into a process before its program: ends the process at once when the one that started it is
 * gone, however that ended. What it leaves is what a crash leaves, and is gone on from as such.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Listening for the end does not keep a program that has finished.
process.channel?.unref()
