import { busContract } from '../../testing/bus-contract.ts'
import { openMemoryBus } from './open-memory-bus.ts'

busContract('memory bus', async (bounds) => {
  const bus = openMemoryBus(bounds)
  return { bus, [Symbol.asyncDispose]: () => bus.close({ drainMs: 0 }) }
})
