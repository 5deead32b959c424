/** Commands whose pages are pending, and what is seen of them. */
import assert from 'node:assert/strict'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CommandBookSchema,
  CommandRequestSchema,
  MergeStrategy,
  NoOpSchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import type { Shop } from './open-shop.ts'
import { addItem, createOrder } from './shop-commands.ts'
import { shortName } from './stored-events.ts'

/** Sends a command in a cascade. */
export async function within(
  shop: Pick<Shop, 'client'>,
  cascadeId: string,
  builder: CommandBuilder,
  syncMode: SyncMode = SyncMode.ASYNC,
): Promise<CommandResponse> {
  const request = create(CommandRequestSchema, { command: builder.build(), syncMode, cascadeId })
  return await shop.client('order').commandHandler.handleCommand(request)
}

/** Two committed events: an order of two items, and one more item. */
export async function twoEvents(shop: Shop): Promise<void> {
  await createOrder(shop, 'order-1', 2)
  await addItem(shop).execute()
}

/** A command that claims the sequence it is decided at. */
export function unclaimed(builder: CommandBuilder): CommandBuilder {
  return builder.withMergeStrategy(MergeStrategy.MERGE_AGGREGATE_HANDLES)
}

/** What a query reads of a stream: the type of each page, or why it is a NoOp. */
export async function seen(
  shop: Pick<Shop, 'client'>,
  domain = 'order',
  root = 'order-1',
): Promise<string[]> {
  const pages = await shop.client(domain).query(root).getPages()
  return pages.map(({ payload }) => {
    assert.ok(payload.case === 'event')
    const name = shortName(payload.value.typeUrl)
    if (name !== 'NoOp') return name
    const { reason, cascadeId } = unpackAny(NoOpSchema, payload.value)
    return `${reason} ${cascadeId}`.trim()
  })
}

/** A command to the engine itself. */
export async function meta<S extends DescMessage>(
  shop: Pick<Shop, 'client'>,
  schema: S,
  init: MessageInitShape<S>,
): Promise<unknown> {
  const payload = { case: 'command' as const, value: packAny(schema, create(schema, init)) }
  const book = create(CommandBookSchema, { cover: { domain: '_angzarr' }, pages: [{ payload }] })
  return await shop.client('order').execute(book)
}
