import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROLES } from '../../examples/travel/travel-agency.ts'
import { rabbitForTests } from './amqp-bus.ts'
import { killTravel } from './travel-kills.ts'

const rabbit = await rabbitForTests()

test(
  'five processes over RabbitMQ, each of them and the broker killed meanwhile, end with exact books',
  { skip: rabbit.skip },
  async () => {
    if (rabbit.kind === 'missing') return
    const { server } = rabbit
    const proof = await killTravel({ server, trips: 160, kills: 5, crashes: 1, seed: 5 })
    const { findings, booked, undone } = proof.audit
    assert.deepEqual(findings, [])
    assert.ok(booked > 50 && undone > 20, `${booked} booked, ${undone} undone`)
    assert.deepEqual(new Set(proof.killed), new Set(ROLES))
    assert.equal(proof.crashed, 1)
  },
)
