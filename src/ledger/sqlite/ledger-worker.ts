/** The thread of the writer: takes groups, answers them, and tidies up while nothing is asked. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { strict as assert } from 'node:assert'
import { limits } from '../../limits.ts'
import { checkpointThread } from './checkpoint-thread.ts'
import { type Connection, openDatabase } from './connection.ts'
import { packError } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'
import { openError, writeError } from './sqlite-error.ts'
import type { WriterReply, WriterRequest } from './worker-channel.ts'
import type { WriterSettings } from './writer-channel.ts'
import { WriterService } from './writer/writer-service.ts'

/** Quiet for that long, the thread sees to the correlation index. */
const IDLE_MS = 20

assert(parentPort !== null, 'this file is run as a thread')
const port = parentPort
// The channel passes its settings and nothing else.
const settings = workerData as WriterSettings
let idle: NodeJS.Timeout | undefined
let indexRequests = 0

function reply(message: WriterReply): void {
  port.postMessage(message)
}

function openService(): WriterService | undefined {
  const { path, busyMs, pragmas } = settings
  try {
    const open = (): Connection => openDatabase(path, { busyMs, pragmas })
    return new WriterService(settings, open, checkpointThread(settings))
  } catch (error) {
    reply({ kind: 'failed', error: packError(openError(error, path)) })
    return undefined
  }
}

function serve(service: WriterService, request: WriterRequest): void {
  switch (request.kind) {
    case 'group':
      serveGroups(service, request.group)
      return
    case 'index':
      if (indexRequests++ === 0) indexAll(service)
      return
    case 'close':
      if (idle !== undefined) clearTimeout(idle)
      void close(service)
      return
    default:
      request satisfies never
  }
}

/** Groups that came while the last transaction was on its way to the disk share the next one. */
function serveGroups(service: WriterService, first: PackedGroup): void {
  const groups = [first]
  let other: WriterRequest | undefined
  while (other === undefined && !isFull(groups)) {
    const received = receiveMessageOnPort(port)
    if (received === undefined) break
    // Nobody but the channel sends here.
    const request = received.message as WriterRequest
    if (request.kind === 'group') groups.push(request.group)
    else other = request
  }
  const answers = service.run(groups)
  reply({ kind: 'answers', groups: answers, commitMs: service.commitMs })
  service.tidy()
  idle?.refresh()
  if (other !== undefined) serve(service, other)
}

function isFull(groups: readonly PackedGroup[]): boolean {
  const writes = groups.reduce((sum, group) => sum + group.writes, 0)
  const bytes = groups.reduce((sum, group) => sum + group.bytes.length, 0)
  return writes >= limits.writesPerGroupMax || bytes >= limits.bytesPerGroupMax
}

async function close(service: WriterService): Promise<void> {
  await service.close()
  reply({ kind: 'closed' })
  port.close()
}

/** Slice by slice, so that groups that arrive meanwhile are not kept waiting. */
function indexAll(service: WriterService): void {
  let error: ReturnType<typeof packError> | undefined
  try {
    if (!service.index(limits.eventsPerReadMax)) {
      setImmediate(indexAll, service)
      return
    }
  } catch (thrown) {
    error = packError(writeError(thrown, settings.path))
  }
  for (; indexRequests > 0; indexRequests--) reply({ kind: 'indexed', error })
}

function indexWhenIdle(service: WriterService): void {
  try {
    if (!service.index(limits.eventsPerReadMax)) idle?.refresh()
  } catch {
    // Whoever asks for the index is told; nobody waits for it now.
  }
}

const service = openService()
if (service !== undefined) {
  idle = setTimeout(indexWhenIdle, IDLE_MS, service)
  port.on('message', (request: WriterRequest) => serve(service, request))
  reply({ kind: 'ready' })
}
