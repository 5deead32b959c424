import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { badMessages } from './bad-messages.ts'

badMessages('the bus of this process', async () => openMemoryBus(), { skip: false })
