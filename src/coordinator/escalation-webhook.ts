/** Sends escalations to a web address, as JSON (Angzarr: `escalation_webhook_url`). */
import { NANOSECONDS_PER_MS } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Escalation, EscalationSender } from './escalation.ts'

const TIMEOUT_MS = 30_000

/**
 * The sender. A receiver that answers 5xx, or not at all, is tried again; any other answer but a 2xx
 * is final.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for anything but an http or https address
 */
export function escalationWebhook(url: string): EscalationSender {
  const address = URL.parse(url)
  if (address === null || !['http:', 'https:'].includes(address.protocol)) {
    throw codedError('CONFIGURATION_INVALID', {
      hint: 'escalationWebhookUrl is an http or https address.',
    })
  }
  return async (escalation) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(escalation)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (response.status >= 500) throw new Error(`answered with ${response.status}`)
    return response.ok ? 'sent' : 'refused'
  }
}

function bodyOf(escalation: Escalation): Readonly<Record<string, string | number>> {
  const { sourceDomain, sourceRootId, sourceSeq, rejectionReason } = escalation
  const { compensationReason, correlationId, occurredAt } = escalation
  return {
    source_domain: sourceDomain,
    source_root_id: sourceRootId,
    source_seq: sourceSeq,
    rejection_reason: rejectionReason,
    compensation_reason: compensationReason,
    correlation_id: correlationId,
    occurred_at: new Date(Number(occurredAt / NANOSECONDS_PER_MS)).toISOString(),
  }
}
