import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { DomainClient } from '../../src/client/domain-client.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { askInTypeScript, expectedAnswers, serveInTypeScript } from './polyglot-program.ts'
import { programs, pythonWorld, whyNoPython } from './python-world.ts'

const skip = (await whyNoPython()) ?? false

describe('Python and TypeScript over gRPC', { skip }, () => {
  it('an aggregate in Python answers our client', async () => {
    await using python = await pythonWorld()
    await using server = await python.serve(programs.stock, '127.0.0.1:0')
    assert.deepEqual(await askInTypeScript(server.address), expectedAnswers)
  })

  it('our server answers a client in Python', async () => {
    await using python = await pythonWorld()
    await using server = await serveInTypeScript()
    assert.deepEqual(await python.run(programs.ask, server.address), expectedAnswers)
  })

  it('a coordinator in Python carries out what our client sends', async () => {
    await using python = await pythonWorld()
    await using server = await python.serve(programs.coordinator)
    await using client = await DomainClient.connect(server.address, { domain: 'order' })
    const place = (sequence: number) =>
      client
        .command('o-1')
        .withMessage(CreateOrderSchema, { orderId: 'o-1' })
        .withCorrelationId('corr-1')
        .withIdempotencyKey(`key-${sequence}`)
        .withSequence(sequence)
    for (let sequence = 0; sequence < 3; sequence++) {
      const { events } = await place(sequence).execute()
      assert.equal(events?.cover?.correlationId, `corr-1|key-${sequence}`)
    }
    await assert.rejects(place(0).execute(), (error: unknown) => {
      assert.ok(error instanceof GRPCError)
      assert.match(error.grpcDetails, /^Sequence mismatch/)
      return error.isPreconditionFailed()
    })
    assert.equal((await client.query('o-1').getPages()).length, 3)
    assert.equal((await client.query('o-1').getEvents()).length, 3)
  })
})
