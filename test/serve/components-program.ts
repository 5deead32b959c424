/**
 * Components in a process of their own: `node components-program.js <endpoint>` dials the coordinator
 * there, and dials again whenever it is gone, until SIGTERM.
 */
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { compensatingOrder, reserveStock, stock } from '../coordinator/shop.ts'

const [, , endpoint = ''] = process.argv
const link = await dialComponents({
  endpoint,
  components: [compensatingOrder(), stock, reserveStock],
  logger: () => undefined,
  backoff: { delayMs: () => 20 },
})
process.stdout.write('dialling\n')
process.once('SIGTERM', () => void link.stop())
