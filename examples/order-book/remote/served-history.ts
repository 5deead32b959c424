/** Reads every event of a served coordinator: the book of each aggregate there is. */
import { type Channel, create, serviceClient } from 'amends'
import { EventQueryService, type Query, QuerySchema } from 'amends/proto'
import { EmptySchema } from '@bufbuild/protobuf/wkt'
import { type BookEntry, entriesOfBook } from '../history.ts'

/** All events; those of one aggregate stand in their order. */
export async function readServedHistory(channel: Channel): Promise<readonly BookEntry[]> {
  const { getAggregateRoots, synchronize } = serviceClient(EventQueryService, channel)
  async function* queries(): AsyncGenerator<Query> {
    for await (const { domain, root } of getAggregateRoots(create(EmptySchema))) {
      yield create(QuerySchema, { cover: { domain, ...(root && { root }) } })
    }
  }
  const entries: BookEntry[] = []
  for await (const book of synchronize(queries())) entries.push(...entriesOfBook(book))
  return entries
}
