import { apiFor } from "../../shared/handler/asm-for.ts";
import { createHandler } from "../../shared/handler/create-handler.ts";
import { unwrapDestination } from "../../shared/handler/events/async-destination.ts";
import type { Invocation } from "../../shared/handler/invocation.ts";
import type { Channel } from "../../shared/outbound/channel.ts";
import { createSmnChannel } from "../../shared/outbound/smn.ts";
import { createWebhookChannel } from "../../shared/outbound/webhook.ts";
import { notify } from "./notify.ts";

/**
 * May run for 180 s: the slowest destination is given up after 120 s. Also takes what an asynchronous invocation's
 * destination is told, so that a function that died is heard of.
 */
export const handler = createHandler({
  run: async (invocation) => {
    const { input, config, context, signal, logger } = invocation;
    const channels = channelsOf(invocation);
    if (channels.length === 0)
      logger.warn("nobody is told: neither MESHFLOW_SMN_TOPIC_URN nor MESHFLOW_WEBHOOK_URL is set");
    const runId = context.getWorkflowRunID?.();
    return notify(unwrapDestination(input), {
      channels,
      signal,
      logger,
      ...(config.region && { region: config.region }),
      ...(runId && { runId }),
    });
  },
});

function channelsOf(invocation: Invocation): Channel[] {
  const { smnTopicUrn, webhookUrl, webhookSecret } = invocation.config.notify;
  const endpoint = invocation.config.endpoints.smn;
  const channels: Channel[] = [];
  if (smnTopicUrn)
    channels.push(
      createSmnChannel({ api: apiFor(invocation), topicUrn: smnTopicUrn, ...(endpoint && { endpoint }) }),
    );
  if (webhookUrl && webhookSecret)
    channels.push(createWebhookChannel({ url: webhookUrl, secrets: webhookSecret }));
  return channels;
}
