/** `amends dead-letters <file>`: what the coordinator could not deliver. */
import { allRows } from '../../coordinator/all-rows.ts'
import { deadLetterOf, entryOfRow } from '../../coordinator/dead-letter-rows.ts'
import type { DeadLetter } from '../../coordinator/dead-letters.ts'
import { DEAD_LETTERS } from '../../coordinator/spaces.ts'
import { type Command, isSet, JSON_OPTION, textOption } from '../command.ts'
import { openExisting } from '../open-existing.ts'
import { shellWord } from '../text/printable.ts'
import { tableLines } from '../text/table.ts'
import { isoText, spanText } from '../text/times.ts'
import { limitOf } from './sagas-command.ts'

const LIMIT = 50
const LIMIT_MAX = 1_000

/** See the top of this file. */
export const deadLettersCommand: Command = {
  name: 'dead-letters',
  says: 'List what could not be delivered.',
  takes: ['file'],
  options: {
    component: { value: 'name', says: 'Only those of this component.' },
    limit: { value: 'n', says: `How many, up to ${LIMIT_MAX}. Default ${LIMIT}.` },
    after: { value: 'id', says: 'Go on behind this one.' },
    json: JSON_OPTION,
  },
  more: ['Trying one again, and giving one up, needs the process that has the components.'],
  run: async (input, world) => {
    const [file = ''] = input.args
    const limit = limitOf(textOption(input, 'limit'), LIMIT, LIMIT_MAX)
    const component = textOption(input, 'component')
    const after = textOption(input, 'after') ?? ''
    await using ledger = await openExisting(file, world)
    const found: DeadLetter[] = []
    let next: string | undefined
    for await (const row of allRows(ledger, DEAD_LETTERS)) {
      if (row.key <= after) continue
      const letter = deadLetterOf(entryOfRow(row))
      if (component !== undefined && letter.component !== component) continue
      if (found.length === limit) {
        next = found.at(-1)?.id
        break
      }
      found.push(letter)
    }
    const isJson = isSet(input, 'json')
    const lines = isJson
      ? found.map((one) => JSON.stringify(letterJson(one)))
      : linesOf(found, world.clock.wall())
    for (const line of lines) world.out(line)
    if (next === undefined) return 0
    const only = component === undefined ? '' : `--component ${shellWord(component)} `
    if (isJson) world.out(JSON.stringify({ next }))
    else
      world.out(
        `\nThere are more: amends dead-letters ${shellWord(file)} ${only}--after ${shellWord(next)}`,
      )
    return 0
  },
}

/** A dead letter for programs, without the message in it. */
export function letterJson(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const { letter: _message, occurredAt, ...rest } = letter
  return { ...rest, occurredAt: isoText(occurredAt) }
}

function linesOf(letters: readonly DeadLetter[], now: bigint): readonly string[] {
  if (letters.length === 0) return ['There are no dead letters.']
  return tableLines(
    [
      { title: 'ID', isWhole: true },
      { title: 'DOMAIN' },
      { title: 'AGE', align: 'right', isWhole: true },
      { title: 'TRIES', align: 'right', isWhole: true },
      { title: 'REASON' },
    ],
    letters.map((letter) => [
      letter.id,
      letter.domain,
      spanText(now - letter.occurredAt),
      String(letter.attempts),
      reasonText(letter),
    ]),
  )
}

/** The error itself, where the reason only says that there was one. */
function reasonText({ code, reason, letter }: DeadLetter): string {
  const { case: kind, value } = letter.rejectionDetails
  const why = kind === 'eventProcessingFailed' && value.error !== '' ? value.error : reason
  return code === '' ? why : `${why} [${code}]`
}
