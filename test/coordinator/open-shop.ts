/** A coordinator on a ledger of its own, removed with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Component } from '../../src/component/definition.ts'
import type { Coordinator, CoordinatorOptions } from '../../src/coordinator/coordinator.ts'
import { openCoordinator } from '../../src/coordinator/open-coordinator.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'

/** A coordinator and where its ledger lies. */
export type Shop = Coordinator & { readonly path: string }

/** Opens one in a new folder; disposing it closes the ledger and removes the folder. */
export async function openShop(
  components: readonly Component[],
  options: Omit<Partial<CoordinatorOptions>, 'components'> = {},
): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-shop-'))
  const path = join(folder, 'shop.db')
  const ledger = options.ledger ?? (await openLedger(path, { thread: 'inline' }))
  const coordinator = await openCoordinator({ log: () => undefined, ...options, ledger, components })
  return {
    ...coordinator,
    path,
    [Symbol.asyncDispose]: async () => {
      await coordinator[Symbol.asyncDispose]()
      if (typeof ledger !== 'string') await ledger[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
