/** `amends serve` as a program of its own: `node serve-program.js --config <file>`. */
import { systemClock } from '../../src/clock.ts'
import { serveCommand } from '../../src/cli/serve-command.ts'
import { systemRandom } from '../../src/identity.ts'

const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())
const [, , , config = ''] = process.argv
process.exitCode = await serveCommand.run(
  { args: [], options: { config } },
  {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    signal: stopping.signal,
    clock: systemClock(),
    random: systemRandom(),
    user: '',
  },
)
