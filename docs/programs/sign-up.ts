import { CompensationPrimitive, createTelemetry, WorkflowContext } from 'amends/workflow'

type SignUp = { readonly email: string }
type Created = SignUp & { readonly userId: string }

const createUser = async (data: SignUp, context: WorkflowContext): Promise<Created> => {
  console.log(`${context.correlationId}: created u-1`)
  return { ...data, userId: 'u-1' }
}
const rollbackUserCreation = async ({ userId }: Created) => console.log('deleted', userId)

const sendWelcomeEmail = async (data: Created) => ({ ...data, emailSent: true })
// A mail cannot be unsent: what is left to do is to write it down.
const rollbackEmail = async ({ email }: Created) => console.log('noted that', email, 'had mail')

const activateSubscription = async (): Promise<Created> => {
  throw new Error('the subscription service is down')
}

const workflow = new CompensationPrimitive(
  [
    [createUser, rollbackUserCreation],
    [sendWelcomeEmail, rollbackEmail],
    [activateSubscription, null], // nothing to roll back
  ],
  { name: 'SignUpWorkflow' },
)

// Without the telemetry its events go to standard error, a line of JSON each.
const telemetry = createTelemetry({ log: 'none' })
const context = new WorkflowContext({ correlationId: 'signup-123', telemetry })
try {
  console.log(await workflow.execute({ email: 'user@example.com' }, context))
} catch (error) {
  // Every step that took effect is undone, the last first. The error is the one that was thrown.
  console.log(String(error))
}
