/** `amends saga retry|edit|replace|waive <file> <id> <path>`: what is done about a work item. */
import type { Verb } from '../../machine/journal.ts'
import {
  type Command,
  type CommandInput,
  type CommandOption,
  textOption,
  UsageError,
} from '../command.ts'
import { REQUEST_MORE, REQUEST_OPTIONS, sendWish } from '../send-request.ts'
import { typedValue } from '../text/values.ts'

const DATA = { value: 'json', says: 'The data; of a step that may have happened: its result.' }
const UNDO = { value: 'name', says: 'The undo to run, one of those that the definition names.' }
const ADDED = { value: 'n', says: 'Which of the undos that were added while the step ran, from 0.' }

/** See the top of this file. */
export const resolveCommands: readonly Command[] = [
  command('retry', 'Try again what waits for an operator.', {}),
  command('edit', 'Try it again with other data.', {
    data: DATA,
  }),
  command('replace', 'Run another undo in place of a stuck one.', {
    undo: UNDO,
    data: DATA,
  }),
  command('waive', 'Let go of what waits; it stays visible as waived.', {}),
]

function command(verb: Verb, says: string, own: Readonly<Record<string, CommandOption>>): Command {
  return {
    name: `saga ${verb}`,
    says,
    takes: ['file', 'id', 'path'],
    options: { ...own, added: ADDED, ...REQUEST_OPTIONS },
    more: REQUEST_MORE,
    run: async (input, world) => {
      const { data, undo } = checked(input, verb)
      const path = input.args[2] ?? ''
      const reason = textOption(input, 'reason')
      if (reason === undefined || reason.trim() === '') {
        throw new UsageError('--reason is needed: it stands in the journal')
      }
      const added = addedOf(textOption(input, 'added'))
      return await sendWish(input, world, {
        kind: 'resolve',
        path,
        verb,
        reason,
        data,
        undo,
        added,
      })
    },
  }
}

function checked(
  input: CommandInput,
  verb: Verb,
): { readonly data: unknown; readonly undo: string | undefined } {
  const data = textOption(input, 'data')
  const undo = textOption(input, 'undo')
  if (verb === 'edit' && data === undefined) throw new UsageError('--data is needed: the new data')
  if (verb === 'replace' && (undo === undefined || undo === '')) {
    throw new UsageError('--undo is needed: the name of the other undo')
  }
  return { data: data === undefined ? undefined : typedValue('data', data), undo }
}

function addedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new UsageError('--added is a number from 0 on')
}
