package io.salver.model;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said of an answer that an endpoint gave. Used by the thread that answers, once the
 * reply has come.
 */
public interface Routed {
  /** The endpoint's name. */
  String endpoint();

  /** By which feedback names this answer. */
  String predictionId(PredictRequest request);

  /** Which versions answered: one, or those that an answer was made of; none for the default. */
  List<ModelVersion> answeredBy();

  /** How much the versions that answered agree, 0 to 1; NaN where that is not known. */
  double confidence();

  /** Whether no model answered, but the endpoint's default. */
  boolean isDefault();

  /**
   * The answer with this id is about to be sent: from now on feedback may come. Called once, after
   * {@link #predictionId}.
   */
  void answering();

  /**
   * The prediction is over.
   *
   * @param failure null if it was answered
   */
  void finished(PredictRequest request, @Nullable ServingException failure);
}
