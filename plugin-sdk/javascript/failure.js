// Failures, by what the platform should do about them. A handler throws one.

const make = (kind, code, message, retryAfterMs = null) => ({ kind, code, message, retryAfterMs, attributes: [] });

/** Worth trying again later. */
export const transient = (code, message) => make("transient", code, message);
/** The provider asked to slow down. */
export const rateLimited = (retryAfterMs = null) =>
  make("rate-limited", "rate_limited", "The provider asks to wait before the next request.", retryAfterMs);
/** Credentials are refused: a person must act. */
export const auth = (code, message) => make("auth", code, message);
/** Wrong and will stay wrong. */
export const permanent = (code, message) => make("permanent", code, message);
/** Settings are missing or contradict each other: a person must act. */
export const config = (code, message) => make("config", code, message);
/** The plugin does not do that. */
export const unsupported = (what) => make("unsupported", "unsupported", `This plugin has no ${what}.`);

/** What the host refused a call with. The engine throws an error of its own around it. */
export const refusal = (error) => error?.payload ?? error;

/** What is thrown that is no failure is a fault of the plugin: it is told, instead of ending the call with a crash. */
export const caught = (error) =>
  error?.kind && error?.code ? error : permanent("plugin_error", `The plugin failed: ${error}`.slice(0, 500));

/** The handlers of an interface, so that whatever they throw arrives as a failure. */
export const handlers = (functions) =>
  Object.fromEntries(
    Object.entries(functions).map(([name, handler]) => [
      name,
      (...given) => {
        try {
          return handler(...given);
        } catch (error) {
          throw caught(error);
        }
      },
    ]),
  );
