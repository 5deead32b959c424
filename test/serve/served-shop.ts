/** A shop behind gRPC, on a port of its own, with a client of it. */
import type { DomainClient } from '../../src/client/domain-client.ts'
import { DomainClient as Client } from '../../src/client/domain-client.ts'
import type { ChannelOptions, Channel } from '../../src/client/grpc/channel.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import type { Component } from '../../src/component/definition.ts'
import {
  type CoordinatorServer,
  serveCoordinator,
  type ServeCoordinatorOptions,
} from '../../src/coordinator/services/serve-coordinator.ts'
import { openShop, type Shop, type ShopOptions } from '../coordinator/open-shop.ts'

/** See the top of this file; disposing ends all of it. */
export type ServedShop = AsyncDisposable & {
  readonly shop: Shop
  readonly server: CoordinatorServer
  readonly endpoint: string
  readonly channel: Channel
  /** A client of the domain `order`. */
  readonly client: DomainClient
}

/** How to serve one. */
export type ServedShopOptions = Omit<Partial<ServeCoordinatorOptions>, 'coordinator'> & {
  readonly shop?: ShopOptions | undefined
  readonly channel?: ChannelOptions | undefined
}

/** Serves a shop. */
export async function serveShop(
  components: readonly Component[],
  options: ServedShopOptions = {},
): Promise<ServedShop> {
  const { shop: shopOptions, ...rest } = options
  return await serveOpened(await openShop(components, shopOptions), rest)
}

/** Serves a shop that is open; disposing closes it too. */
export async function serveOpened(
  shop: Shop,
  options: Omit<ServedShopOptions, 'shop'> = {},
): Promise<ServedShop> {
  const { channel: channelOptions, ...rest } = options
  const server = await serveCoordinator({
    listen: '127.0.0.1:0',
    logger: () => undefined,
    ...rest,
    coordinator: shop,
  })
  await server.ready
  const [endpoint = ''] = server.addresses
  const scheme = rest.tls === undefined ? endpoint : `https://${endpoint}`
  const channel = await openChannel(scheme, channelOptions)
  return {
    shop,
    server,
    endpoint,
    channel,
    client: Client.fromChannel(channel, { domain: 'order' }),
    [Symbol.asyncDispose]: async () => {
      await channel.close()
      await server.stop({ graceMs: 0 })
      await shop[Symbol.asyncDispose]()
    },
  }
}
