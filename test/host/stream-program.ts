/**
 * A program that answers queries with streams until SIGTERM: a hundred books, or for the domain
 * `endless` books without end. Its last line says how many streams began and how many were made whole.
 */
import { create } from '@bufbuild/protobuf'
import { grpcService } from '../../src/host/grpc-service.ts'
import { configureLogging } from '../../src/host/log.ts'
import { runServer } from '../../src/host/run-server.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import { EventBookSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'

const BOOKS = 100

let begun = 0
let whole = 0
const queries = grpcService(EventQueryService, {
  getEvents: async function* ({ cover }) {
    begun++
    const books = cover?.domain === 'endless' ? Infinity : BOOKS
    for (let n = 0; n < books; n++) {
      yield create(EventBookSchema, { nextSequence: n })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    whole++
  },
})

configureLogging()
await runServer(queries, { graceMs: 2_000 })
process.stdout.write(`${JSON.stringify({ begun, whole })}\n`)
