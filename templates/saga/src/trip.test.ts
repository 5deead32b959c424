import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSagaManager } from 'amends/saga'
import { bookTrip, participants } from './trip.ts'

test('a trip without a room gives the flight back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trips-'))
  {
    const ledger = join(folder, 'trips.db')
    await using sagas = await openSagaManager({ ledger, definitions: [bookTrip], participants })
    const trip = await sagas.run(bookTrip, { who: 'ada', nights: 9 })
    assert.deepEqual([trip.forward, trip.undone], ['failed', ['flights.cancel']])
  }
  await rm(folder, { recursive: true })
})
