/**
 * Serves the stock until SIGTERM: `node serve.js`. `ANGZARR_BIND_ADDRESS`, `PORT` and the rest of the
 * environment say where.
 */
import { configureLogging } from '../../src/host/log.ts'
import { runComponentHost } from '../../src/host/component-host.ts'
import { stock } from './stock.ts'

configureLogging()
await runComponentHost({ components: [stock], domain: 'stock' })
