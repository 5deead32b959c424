/** The writer in the calling thread: for tests, and where a thread is not worth its start. */
import { limits } from '../../limits.ts'
import { type Connection, openDatabase } from './connection.ts'
import type { WriterChannel, WriterSettings } from './writer-channel.ts'
import { WriterService } from './writer/writer-service.ts'

/** Opens a writer here. `wrap` puts something around its connection. */
export function inlineChannel(
  settings: WriterSettings,
  wrap: (connection: Connection) => Connection = (connection) => connection,
): WriterChannel {
  const { path, busyMs, pragmas } = settings
  const service = new WriterService(settings, () => wrap(openDatabase(path, { busyMs, pragmas })))
  return {
    submit: async (group) => {
      const [answers] = service.run([group])
      service.tidy()
      return answers ?? []
    },
    commitMs: Infinity,
    indexCorrelations: async () => {
      while (!service.index(limits.eventsPerReadMax));
    },
    close: () => service.close(),
  }
}
