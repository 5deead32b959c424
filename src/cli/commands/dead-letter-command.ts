/** `amends dead-letter <file> <id>`: one message that could not be delivered. */
import { Buffer } from 'node:buffer'
import { deadLetterOf, entryOfRow } from '../../coordinator/dead-letter-rows.ts'
import type { DeadLetter } from '../../coordinator/dead-letters.ts'
import { DEAD_LETTERS } from '../../coordinator/spaces.ts'
import { CodedError, codedError } from '../../errors.ts'
import { type Command, isSet, JSON_OPTION, UsageError } from '../command.ts'
import { openExisting } from '../open-existing.ts'
import { printable } from '../text/printable.ts'
import { momentText, spanText } from '../text/times.ts'
import { letterJson } from './dead-letters-command.ts'

/** See the top of this file. */
export const deadLetterCommand: Command = {
  name: 'dead-letter',
  says: 'Show one message that could not be delivered.',
  takes: ['file', 'id', '[show]'],
  options: { json: JSON_OPTION },
  more: ['Trying it again, and giving it up, needs the process that has the components.'],
  run: async (input, world) => {
    const [file = '', id = '', verb = 'show'] = input.args
    if (verb === 'replay' || verb === 'discard') {
      throw new CodedError(`a dead letter cannot be ${verb}ed from the command line`, {
        code: 'CALL_UNSUPPORTED',
        hint: `It needs the components: call coordinator.deadLetters.${verb}('${id}') in the process that has them.`,
      })
    }
    if (verb !== 'show') throw new UsageError(`there is no dead-letter ${verb}; there is show`)
    await using ledger = await openExisting(file, world)
    const row = await ledger.row(DEAD_LETTERS, id)
    if (row === undefined) throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id } })
    const letter = deadLetterOf(entryOfRow(row))
    if (isSet(input, 'json')) {
      world.out(JSON.stringify({ ...letterJson(letter), message: messageJson(letter) }))
    } else for (const line of linesOf(letter, world.clock.wall())) world.out(printable(line))
    return 0
  },
}

function linesOf(letter: DeadLetter, now: bigint): readonly string[] {
  const { id, component, kind, key, domain, correlationId, code, reason, attempts } = letter
  const { occurredAt, position } = letter
  const facts: readonly (readonly [string, string])[] = [
    ['component', `${component} (${kind.replace('_', ' ')})`],
    ['reason', code === '' ? reason : `${reason} [${code}]`],
    ['attempts', String(attempts)],
    ['occurred', `${momentText(occurredAt)} UTC (${spanText(now - occurredAt)} ago)`],
    ['domain', domain],
    ['correlation', correlationId],
    ['position', String(position)],
    ['held back', key === undefined ? 'nothing waits behind it' : `what comes behind it of ${key}`],
  ]
  return [
    id,
    ...facts
      .filter(([, text]) => text !== '')
      .map(([title, text]) => `  ${title.padEnd(13)}${text}`),
    '  message',
    ...payloadLines(letter),
  ]
}

type Page = { readonly type: string; readonly payload: Uint8Array }

function payloadLines(letter: DeadLetter): readonly string[] {
  const pages = pagesOf(letter)
  if (pages.length === 0) return ['    none is kept']
  return pages.map(({ type, payload }) => `    ${type}, ${payload.length} bytes`)
}

/** What is in the message. Its types are not known here, so the payloads stay bytes. */
function pagesOf({ letter }: DeadLetter): readonly Page[] {
  const { payload } = letter
  if (payload.case === undefined) return []
  return payload.value.pages.map((page) => {
    const held = page.payload
    if (held.case !== 'command' && held.case !== 'event') {
      return { type: held.case ?? 'an empty page', payload: new Uint8Array(0) }
    }
    const { typeUrl, value } = held.value
    return { type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), payload: value }
  })
}

function messageJson(letter: DeadLetter): unknown {
  const pages = pagesOf(letter).map(({ type, payload }) => ({
    type,
    payload: Buffer.from(payload).toString('base64'),
  }))
  return { kind: letter.letter.payload.case, pages }
}
