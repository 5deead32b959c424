/** The thread of the writer: takes groups, answers them, and tidies up while nothing is asked. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { invariant } from '../../invariant.ts'
import { limits } from '../../limits.ts'
import { checkpointThread } from './checkpoint-thread.ts'
import { type Connection, openDatabase } from './connection.ts'
import { Doorbell } from './doorbell.ts'
import { packError } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'
import { openError, writeError } from './sqlite-error.ts'
import type { WriterReply, WriterRequest, WriterStart } from './worker-channel.ts'
import { WriterService } from './writer/writer-service.ts'

/** Quiet for that long, the thread sees to the correlation index. */
const IDLE_MS = 20

/** A caller who is alone asks again within that time, if ever. */
const LINGER_MS = 2

/** Groups of such a caller in a row before the event loop has a turn. */
const LINGERS_MAX = 16

// The channel passes this and nothing else.
const { settings, port, ...bells } = workerData as WriterStart
const asked = new Doorbell(bells.asked)
const answered = new Doorbell(bells.answered)
let service: WriterService | undefined
let idle: NodeJS.Timeout | undefined
let indexRequests = 0

function reply(message: WriterReply): void {
  port.postMessage(message)
  answered.ring()
}

/** Serves what is asked, and waits a moment with those who are alone: to wake up takes longer. */
function take(request: WriterRequest): void {
  let next: WriterRequest | undefined = request
  for (let lingers = 0; next !== undefined && lingers < LINGERS_MAX; lingers++) {
    const isAlone = next.kind === 'group' && next.alone
    serve(next)
    if (!isAlone) return
    next = received() ?? (asked.sleep(LINGER_MS) ? received() : undefined)
  }
  if (next !== undefined) serve(next)
}

/** The next request, if one has come. */
function received(): WriterRequest | undefined {
  asked.listen()
  // Nobody but the channel sends here.
  return receiveMessageOnPort(port)?.message as WriterRequest | undefined
}

function serve(request: WriterRequest): void {
  if (request.kind === 'open') {
    open()
    return
  }
  invariant(service !== undefined, 'the connection is opened before anything else is asked')
  switch (request.kind) {
    case 'group':
      serveGroups(service, request.group)
      return
    case 'index':
      if (indexRequests++ === 0) indexAll(service)
      return
    case 'close':
      void close(service)
      return
    default:
      request satisfies never
  }
}

function open(): void {
  const { path, busyMs, pragmas } = settings
  const openConnection = (): Connection => openDatabase(path, { busyMs, pragmas })
  try {
    service = new WriterService(settings, openConnection, checkpointThread(settings))
  } catch (error) {
    reply({ kind: 'failed', error: packError(openError(error, path)) })
    port.close()
    return
  }
  idle = setTimeout(indexWhenIdle, IDLE_MS, service)
  reply({ kind: 'ready' })
}

/** Groups that came while the last transaction was on its way to the disk share the next one. */
function serveGroups(writer: WriterService, first: PackedGroup): void {
  const groups = [first]
  let other: WriterRequest | undefined
  while (other === undefined && !isFull(groups)) {
    const request = received()
    if (request === undefined) break
    if (request.kind === 'group') groups.push(request.group)
    else other = request
  }
  const answers = writer.run(groups)
  reply({ kind: 'answers', groups: answers, commitMs: writer.commitMs })
  writer.tidy()
  idle?.refresh()
  if (other !== undefined) serve(other)
}

function isFull(groups: readonly PackedGroup[]): boolean {
  const writes = groups.reduce((sum, group) => sum + group.writes, 0)
  const bytes = groups.reduce((sum, group) => sum + group.bytes.length, 0)
  return writes >= limits.writesPerGroupMax || bytes >= limits.bytesPerGroupMax
}

async function close(writer: WriterService): Promise<void> {
  if (idle !== undefined) clearTimeout(idle)
  await writer.close()
  reply({ kind: 'closed' })
  port.close()
}

/** Slice by slice, so that groups that arrive meanwhile are not kept waiting. */
function indexAll(writer: WriterService): void {
  let error: ReturnType<typeof packError> | undefined
  try {
    if (!writer.index(limits.eventsPerReadMax)) {
      setImmediate(indexAll, writer)
      return
    }
  } catch (thrown) {
    error = packError(writeError(thrown, settings.path))
  }
  for (; indexRequests > 0; indexRequests--) reply({ kind: 'indexed', error })
}

function indexWhenIdle(writer: WriterService): void {
  try {
    if (!writer.index(limits.eventsPerReadMax)) idle?.refresh()
  } catch {
    // Whoever asks for the index is told; nobody waits for it now.
  }
}

port.on('message', take)
reply({ kind: 'loaded' })
