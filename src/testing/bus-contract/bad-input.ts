import { strict as assert } from 'node:assert'
import type { BusMessage, ConsumeOptions } from '../../bus/bus.ts'
import { limits } from '../../limits.ts'
import { type ContractPart, fact, messageOf, rejectsWith } from './kit.ts'

/** What a caller without types may give. */
function wrong(value: unknown): never {
  return value as never
}

const MESSAGES: Readonly<Record<string, readonly [part: Partial<BusMessage>, code: string]>> = {
  'an empty topic': [{ topic: '' }, 'MESSAGE_INVALID'],
  'a topic with a space': [{ topic: 'a b' }, 'MESSAGE_INVALID'],
  'a topic that is too long': [{ topic: 'x'.repeat(201) }, 'MESSAGE_INVALID'],
  'a topic that is no text': [{ topic: wrong(7) }, 'MESSAGE_INVALID'],
  'a topic of dead letters': [{ topic: 'work.dead' }, 'MESSAGE_INVALID'],
  'an empty id': [{ id: '' }, 'MESSAGE_INVALID'],
  'an id that is too long': [{ id: 'x'.repeat(1_025) }, 'MESSAGE_INVALID'],
  'a key that is no text': [{ key: wrong(null) }, 'MESSAGE_INVALID'],
  'a key that is too long': [{ key: 'x'.repeat(1_025) }, 'MESSAGE_INVALID'],
  'no headers': [{ headers: wrong(undefined) }, 'MESSAGE_INVALID'],
  'a header that is no text': [{ headers: { a: wrong(1) } }, 'MESSAGE_INVALID'],
  'a header without a name': [{ headers: { '': 'a' } }, 'MESSAGE_INVALID'],
  'a header called __proto__': [{ headers: { ['__proto__']: 'a' } }, 'MESSAGE_INVALID'],
  'headers that are too large': [
    { headers: { a: 'x'.repeat(limits.messageHeadersLengthMax) } },
    'MESSAGE_TOO_LARGE',
  ],
  'content that is no bytes': [{ content: wrong('text') }, 'MESSAGE_INVALID'],
  'content that is too large': [
    { content: new Uint8Array(limits.messageBytesMax + 1) },
    'MESSAGE_TOO_LARGE',
  ],
  'a status that is none': [{ status: 2.5 }, 'MESSAGE_INVALID'],
  'an empty topic for the answer': [{ replyTo: '' }, 'MESSAGE_INVALID'],
}

const OPTIONS: Readonly<Record<string, ConsumeOptions>> = {
  'no concurrency': { concurrency: 0 },
  'half a concurrency': { concurrency: 1.5 },
  'a negative prefetch': { prefetch: -1 },
  'no deliveries': { deliveriesMax: 0 },
  'a negative pause': { redeliverMsMin: -1 },
  'an endless pause': { redeliverMsMax: Infinity },
  'a least pause above the longest': { redeliverMsMin: 10, redeliverMsMax: 5 },
}

export const badInput: ContractPart = [
  ...Object.entries(MESSAGES).map(([title, [part, code]]) =>
    fact(`${title} is refused, and nothing is sent`, async ({ send, inbox }) => {
      const work = await inbox()
      await rejectsWith(send('bad', part), code)
      await send('good')
      assert.deepEqual(await work.settleNext(1), ['good'])
      assert.deepEqual(work.log, ['good'])
    }),
  ),

  ...Object.entries(OPTIONS).map(([title, options]) =>
    fact(`a subscription with ${title} is refused`, async ({ inbox, send }) => {
      await rejectsWith(inbox(options), 'CONFIGURATION_INVALID')
      await rejectsWith(send('m-1'), 'MESSAGE_UNROUTABLE')
    }),
  ),

  fact('what is no message, no topic or no handler is refused', async ({ bus }) => {
    await rejectsWith(bus.send(wrong(undefined)), 'MESSAGE_INVALID')
    await rejectsWith(
      bus.consume('a b', () => undefined),
      'MESSAGE_INVALID',
    )
    await rejectsWith(bus.consume('work', wrong(undefined)), 'CONFIGURATION_INVALID')
    await rejectsWith(bus.send(messageOf('m-1')), 'MESSAGE_UNROUTABLE')
  }),

  fact('the largest message passes', async ({ send, inbox }) => {
    const work = await inbox()
    const content = new Uint8Array(limits.messageBytesMax).fill(7)
    await send('x'.repeat(1_024), { content, key: 'k'.repeat(1_024) })
    const { message } = await work.next()
    assert.equal(message.content.length, content.length)
    assert.equal(message.id.length, 1_024)
  }),
]
