/**
 * A participant as a process of its own: `<url> <ledger> <manner>`. It counts bookings in a row of its
 * ledger. With the manner `hangs` it stops in the middle of its first request and says `working`; the
 * row is not stored then. It ends when its input does.
 */
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { openParticipant } from '../../src/participant/open-participant.ts'

const [url = '', path = '', manner = ''] = process.argv.slice(2)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

await using ledger = await openLedger(path)
await using _ = await openParticipant({
  service: 'flights',
  url,
  ledger,
  handlers: [
    {
      target: 'flights.book',
      handle: async (_content, info) => {
        const row = await ledger.row('bookings', info.executionId)
        const count = (row?.value[0] ?? 0) + 1
        const put = { kind: 'put', space: 'bookings', key: info.executionId } as const
        const expected = row?.version ?? 'absent'
        info.store({ rows: [{ ...put, value: Uint8Array.of(count), expected }] })
        if (manner === 'hangs') {
          say('working')
          await new Promise(() => undefined)
        }
        return { count, isAgain: info.isAgain }
      },
    },
  ],
})
say('serving')
await new Promise((resolve) => process.stdin.resume().on('end', resolve))
