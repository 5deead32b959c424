/** `amends saga cancel|compensate|signal <file> <id>`: what is wished of a whole execution. */
import { type Command, textOption } from '../command.ts'
import { REQUEST_MORE, REQUEST_OPTIONS, sendWish } from '../send-request.ts'
import { typedValue } from '../text/values.ts'

const cancel: Command = {
  name: 'saga cancel',
  says: 'Cancel an execution: what runs settles, then it is undone.',
  takes: ['file', 'id'],
  options: REQUEST_OPTIONS,
  more: REQUEST_MORE,
  run: async (input, world) => {
    const reason = textOption(input, 'reason') ?? ''
    return await sendWish(input, world, { kind: 'cancel', reason })
  },
}

const compensate: Command = {
  name: 'saga compensate',
  says: 'Undo an execution that has completed.',
  takes: ['file', 'id'],
  options: REQUEST_OPTIONS,
  more: REQUEST_MORE,
  run: async (input, world) => {
    const reason = textOption(input, 'reason') ?? ''
    return await sendWish(input, world, { kind: 'compensate', reason })
  },
}

const { reason: _reason, ...SIGNAL_OPTIONS } = REQUEST_OPTIONS

const signal: Command = {
  name: 'saga signal',
  says: 'Send a signal that an execution waits for.',
  takes: ['file', 'id', 'signal'],
  options: { data: { value: 'json', says: 'What comes with the signal.' }, ...SIGNAL_OPTIONS },
  more: REQUEST_MORE,
  run: async (input, world) => {
    const text = textOption(input, 'data')
    const data = text === undefined ? undefined : typedValue('data', text)
    return await sendWish(input, world, { kind: 'signal', signal: input.args[2] ?? '', data })
  },
}

/** See the top of this file. */
export const wishCommands: readonly Command[] = [cancel, compensate, signal]
