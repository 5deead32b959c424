import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openAmqpBus } from '../../src/bus/amqp/open-amqp-bus.ts'
import { type IncomingReply, readReply } from '../../src/participant/reply-message.ts'
import { requestMessage } from '../../src/participant/request-message.ts'
import { until } from '../coordinator/until.ts'
import { rabbitForTests, urlOf } from './amqp-bus.ts'

const PROGRAM = fileURLToPath(new URL('./counting-participant.js', import.meta.url))
const rabbit = await rabbitForTests()

/** Starts one; resolves when it serves. */
async function start(ledger: string, manner: 'works' | 'hangs') {
  const child = spawn(process.execPath, [PROGRAM, urlOf(rabbit), ledger, manner], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => undefined)
  const said: string[] = []
  createInterface(child.stdout).on('line', (line) => said.push(line))
  const end = async (signal?: 'SIGKILL'): Promise<void> => {
    const closed = once(child, 'close')
    if (signal === undefined) child.stdin.end()
    else child.kill(signal)
    await closed
  }
  await until(() => said.includes('serving'))
  return { said, end }
}

test(
  'a participant that is killed in the middle of a request is followed by the one that stands by',
  { skip: rabbit.skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'amends-killed-participant-'))
    await using bus = await openAmqpBus({ url: urlOf(rabbit) })
    const replies: IncomingReply[] = []
    await bus.consume('tripsReply', ({ message }) => void replies.push(readReply(message)))
    const ledger = join(folder, 'flights.db')
    const first = await start(ledger, 'hangs')
    const second = await start(ledger, 'works')
    const request = requestMessage({
      requestId: 'trip-1/book',
      target: 'flights.book',
      executionId: 'trip-1',
      path: 'book',
      direction: 'forward',
      attempt: 1,
      correlationId: 'trip-1',
      content: {},
      replyTo: 'tripsReply',
    })
    await bus.send(request)
    await until(() => first.said.includes('working'))
    assert.equal(replies.length, 0)
    await first.end('SIGKILL')
    await until(() => replies.length === 1)
    await bus.send(request)
    await until(() => replies.length === 2)
    for (const { status, content } of replies) {
      assert.deepEqual([status, content()], [200, { count: 1, isAgain: true }])
    }
    await second.end()
    rmSync(folder, { recursive: true, force: true })
  },
)
