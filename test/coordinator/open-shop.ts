/** A coordinator on a ledger of its own, removed with it. */
import type { Component } from '../../src/component/definition.ts'
import type { Coordinator, CoordinatorOptions } from '../../src/coordinator/coordinator.ts'
import { openCoordinator } from '../../src/coordinator/open-coordinator.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { behindGrpc } from './behind-grpc.ts'
import { type LedgerFolder, ledgerFolder } from './ledger-folder.ts'
import { placeOfTest } from './twice.ts'

/** A coordinator and where its ledger lies. */
export type Shop = Coordinator & { readonly path: string }

/** How to open one. */
export type ShopOptions = Omit<Partial<CoordinatorOptions>, 'components' | 'ledger'> & {
  /** Where its ledger lies, to be opened again later. Default: a new folder, removed with it. */
  readonly folder?: LedgerFolder | undefined
  /** Puts something between the coordinator and its ledger. */
  readonly wrap?: ((ledger: Ledger) => Ledger) | undefined
}

/** Waits between attempts that a test can afford. */
const QUICK = { reactionBackoffMsMin: 1, reactionBackoffMsMax: 4 }

/**
 * Opens one; disposing it closes the ledger too. In a test that runs over gRPC it is served, and its
 * components are elsewhere.
 */
export async function openShop(
  components: readonly Component[],
  options: ShopOptions = {},
): Promise<Shop> {
  const place = placeOfTest()
  if (place.kind === 'in process') return await openHere(components, options)
  const { reach } = place
  const open = (reached: readonly Component[]): Promise<Shop> => openHere(reached, options)
  return await behindGrpc(components, { reach, clock: options.clock }, open)
}

async function openHere(components: readonly Component[], options: ShopOptions): Promise<Shop> {
  const { folder: given, wrap, limits, ...rest } = options
  const folder = given ?? (await ledgerFolder())
  // Not by openLedger: two shops in one process stand for two processes on one file.
  const opened = await openSqliteLedger(folder.path, {
    thread: 'inline',
    durability: 'may-lose-last-commits',
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  const ledger = wrap === undefined ? opened : wrap(opened)
  const close = async (): Promise<void> => {
    await opened[Symbol.asyncDispose]()
    if (given === undefined) await folder[Symbol.asyncDispose]()
  }
  try {
    const log = (): void => undefined
    const coordinator = await openCoordinator({
      log,
      ...rest,
      limits: { ...QUICK, ...limits },
      ledger,
      components,
    })
    return {
      ...coordinator,
      path: folder.path,
      [Symbol.asyncDispose]: async () => {
        try {
          await coordinator[Symbol.asyncDispose]()
        } finally {
          await close()
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
