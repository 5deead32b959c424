/** Banks for tests of isolation: accounts on a ledger of their own, behind transactional handlers. */
import { create } from '@bufbuild/protobuf'
import type { Bus } from '../../src/bus/bus.ts'
import type { DomainClient } from '../../src/client/domain-client.ts'
import type { Clock } from '../../src/clock.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { Cascades } from '../../src/coordinator/cascades.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { openCoordinator } from '../../src/coordinator/open-coordinator.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { type HostedParticipant, hostParticipant } from '../../src/participant/host-participant.ts'
import { ledgerReplyStore } from '../../src/participant/ledger-reply-store.ts'
import type { RequestHandler, RequestInfo } from '../../src/participant/request-handler.ts'
import {
  type IsolatingCoordinator,
  transactional,
  type TransactionalService,
} from '../../src/participant/transactional.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { type RequestType, requestType } from '../../src/saga/messages/request-type.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import * as payment from '../fixtures/gen/payment_pb.ts'

/** The domain of the accounts. */
export const ACCOUNT = 'account'

/** An account: it never goes below zero. */
export const account = defineAggregate({ domain: ACCOUNT, state: payment.AccountStateSchema })
  .handles(payment.DepositFundsSchema, ({ amount }) =>
    create(payment.FundsDepositedSchema, { amount }),
  )
  .handles(payment.ProcessPaymentSchema, ({ orderId, amount }, { balance }) => {
    if (balance < amount) {
      throw CommandRejectedError.preconditionFailed('FUNDS_MISSING', 'not enough money')
    }
    return create(payment.PaymentProcessedSchema, { orderId, amount })
  })
  .applies(payment.FundsDepositedSchema, (state, { amount }) => {
    state.balance += amount
  })
  .applies(payment.PaymentProcessedSchema, (state, { amount }) => {
    state.balance -= amount
  })

/** What is asked of a bank: an account and an amount. */
export type Movement = { readonly account: string; readonly amount: number }

/** The requests that one bank answers. */
export type BankRequests = {
  readonly withdraw: RequestType<Movement, void>
  readonly deposit: RequestType<Movement, void>
}

/** Requests to a bank, by its name. */
export function requestsTo(bank: string): BankRequests {
  return {
    withdraw: requestType<Movement>(`${bank}.withdraw`),
    deposit: requestType<Movement>(`${bank}.deposit`),
  }
}

/** The handlers of a bank: each command has the key of its request. */
export function bankHandlers(
  bank: TransactionalService<DomainClient>,
  around: (info: RequestInfo) => void = () => undefined,
): readonly RequestHandler[] {
  const { withdraw, deposit } = requestsTo(bank.service)
  const move = (
    { account: name, amount }: Movement,
    info: RequestInfo,
    schema: typeof payment.DepositFundsSchema | typeof payment.ProcessPaymentSchema,
  ): Promise<unknown> => {
    around(info)
    return bank
      .client(info, ACCOUNT)
      .command(name)
      .withIdempotencyKey(info.idempotencyKey)
      .withMergeStrategy(MergeStrategy.MERGE_AGGREGATE_HANDLES)
      .withMessage(schema, { amount: BigInt(amount) })
      .execute()
  }
  return bank.handlers(
    handle(withdraw, async (movement, info) => {
      await move(movement, info, payment.ProcessPaymentSchema)
    }),
    handle(deposit, async (movement, info) => {
      await move(movement, info, payment.DepositFundsSchema)
    }),
  )
}

/** A bank that is open. */
export interface Bank extends AsyncDisposable {
  readonly coordinator: Coordinator
  readonly participant: HostedParticipant
  /** What a reader sees of an account, by now or as of a moment. */
  balance(name: string, at?: Date): Promise<number>
  /** Puts money on an account, outside of any saga. */
  fund(name: string, amount: number): Promise<void>
}

/** Opens a bank on a ledger that stays open behind it. */
export async function openBank(options: {
  readonly service: string
  readonly bus: Bus
  readonly ledger: Ledger
  readonly clock?: Clock | undefined
  readonly around?: ((info: RequestInfo) => void) | undefined
  /** What its transactions are ended by, if not by the coordinator itself. */
  readonly ending?:
    ((cascades: Cascades) => IsolatingCoordinator<DomainClient>['cascades']) | undefined
}): Promise<Bank> {
  const { service, bus, ledger, clock, around, ending = (own) => own } = options
  const random = seededRandom(11)
  const log = (): void => undefined
  const coordinator = await openCoordinator({ ledger, components: [account], clock, log })
  const isolating: IsolatingCoordinator<DomainClient> = {
    client: (domain, how) => coordinator.client(domain, how),
    cascades: ending(coordinator.cascades),
  }
  const handlers = bankHandlers(transactional({ service, coordinator: isolating }), around)
  const replies =
    clock === undefined ? undefined : await ledgerReplyStore({ ledger, service, clock, random })
  const participant = await hostParticipant({ bus, service, handlers, clock, replies })
  const client = coordinator.client(ACCOUNT)
  return {
    coordinator,
    participant,
    balance: async (name, at) => {
      const query = client.query(name)
      const events = await (at === undefined ? query : query.asOfTime(at)).events(
        payment.FundsDepositedSchema,
        payment.PaymentProcessedSchema,
      )
      return events.reduce((sum, { message }) => {
        const amount = Number(message.amount)
        return message.$typeName === 'payment.FundsDeposited' ? sum + amount : sum - amount
      }, 0)
    },
    fund: async (name, amount) => {
      await client
        .command(name)
        .withMessage(payment.DepositFundsSchema, { amount: BigInt(amount) })
        .withMergeStrategy(MergeStrategy.MERGE_AGGREGATE_HANDLES)
        .execute()
    },
    [Symbol.asyncDispose]: async () => {
      await participant.close({ drainMs: 0 })
      await coordinator[Symbol.asyncDispose]()
    },
  }
}
