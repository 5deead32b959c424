import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { createFakeClock } from '../../testing/fake-clock.ts'
