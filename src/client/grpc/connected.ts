/** The library and its client of a channel: loaded at the first call, at hand from then on. */
import type { Client } from '@grpc/grpc-js'
import type { Channel, ForeignChannel } from './channel.ts'
import { type Grpc, loadGrpc } from './load-grpc.ts'
import { clientOf } from './open-channel.ts'

/** What a call is made with. */
export type Connected = { readonly grpc: Grpc; readonly client: Client }

/** Gets it: a promise at the beginning, the thing itself later, so that calls need not wait. */
export function connected(channel: Channel | ForeignChannel): () => Connected | Promise<Connected> {
  let ready: Connected | undefined
  return () => ready ?? load(channel).then((loaded) => (ready = loaded))
}

async function load(channel: Channel | ForeignChannel): Promise<Connected> {
  return { grpc: await loadGrpc(), client: await clientOf(channel) }
}
