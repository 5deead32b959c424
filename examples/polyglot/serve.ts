/**
 * Serves the stock until SIGTERM: `node serve.js`. `ANGZARR_BIND_ADDRESS`, `PORT` and the rest of the
 * environment say where.
 */
import { configureLogging, runComponentHost } from 'amends'
import { stock } from './stock.ts'

configureLogging()
await runComponentHost({ components: [stock], domain: 'stock' })
