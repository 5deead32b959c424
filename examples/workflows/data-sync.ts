/** One record in three places: a database, a cache, a search index. Written with the builder. */
import { compensating, type CompensationPrimitive } from 'amends/workflow'
import type { World } from './world.ts'

/** What a sync begins with. */
export type Sync = { readonly record: string }
type Stored = Sync & { readonly primaryId: string }

/** The workflow, on the services of a world. */
export function dataSyncWorkflow(world: World): CompensationPrimitive<Sync, Stored> {
  const storeIn = (service: string) => async (data: Stored) => {
    await world.create(service)
    return data
  }
  return compensating('DataSyncWorkflow')
    .step(
      'syncToPrimaryDb',
      async (data: Sync) => ({ ...data, primaryId: await world.create('primary') }),
      (data) => world.remove(data.primaryId),
    )
    .step('syncToCache', storeIn('cache'), () => world.remove('cache-1'))
    .step('syncToSearchIndex', storeIn('index'), () => world.remove('index-1'))
    .build()
}
