package io.salver.endpoint;

import com.google.gson.JsonObject;
import io.salver.predict.ServingException;

/** Takes what clients say of predictions after the fact. Thread-safe; may block. */
@FunctionalInterface
public interface FeedbackHandler {
  /**
   * Takes feedback.
   *
   * @param feedback {@code prediction_id} or {@code join_key}, with {@code label} or {@code reward}
   * @throws ServingException INVALID_ARGUMENT if it cannot be; NOT_FOUND if the endpoint or the
   *     prediction is not known, or no more
   */
  void accept(String endpoint, JsonObject feedback) throws ServingException;
}
