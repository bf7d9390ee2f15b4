package io.salver.control;

import io.salver.lifecycle.ModelConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Takes whole configurations, each in place of the one before. Thread-safe; may block. */
@FunctionalInterface
public interface Configurations {
  /**
   * Takes a configuration, and waits until the models that are new have become available or have
   * failed.
   *
   * @param taken called once it is known that it can be taken, before any model changes; if it
   *     fails, so does this, and nothing has changed
   * @return why each new model that did not become available did not, by name; empty if all did
   * @throws io.salver.predict.ServingException if the configuration is refused, and nothing has
   *     changed; or DEADLINE_EXCEEDED after {@code limit}, or CANCELLED if interrupted, when it has
   *     been taken all the same
   */
  Map<String, String> configure(List<ModelConfig> models, Duration limit, Runnable taken);
}
