package io.salver.endpoint;

import com.google.gson.JsonObject;
import java.util.Optional;

/** What there is to say of an endpoint while it runs. Thread-safe; may block. */
public interface EndpointReport {
  /** Says nothing. */
  EndpointReport NONE =
      new EndpointReport() {
        @Override
        public Optional<JsonObject> canary(Endpoint endpoint) {
          return Optional.empty();
        }

        @Override
        public JsonObject statistics(Endpoint endpoint) {
          return new JsonObject();
        }
      };

  /** How its canary fares; empty if it has none. */
  Optional<JsonObject> canary(Endpoint endpoint);

  /** What its routes came to. */
  JsonObject statistics(Endpoint endpoint);
}
