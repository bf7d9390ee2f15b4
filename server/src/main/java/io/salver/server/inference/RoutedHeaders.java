package io.salver.server.inference;

import io.salver.model.ModelVersion;
import io.salver.model.Routed;
import io.salver.predict.PredictRequest;

/** What answers of endpoints carry beside their bodies. Stateless. */
public final class RoutedHeaders {
  /** By which feedback names the answer. */
  public static final String PREDICTION_ID = "salver-prediction-id";

  /** The model that answered. */
  public static final String MODEL = "salver-model";

  /** Its version. */
  public static final String VERSION = "salver-version";

  /** Says {@code true} if the endpoint's default answered, and is absent otherwise. */
  public static final String DEFAULT = "salver-default";

  private RoutedHeaders() {}

  static void add(Routed routed, PredictRequest request, InferenceCall call) {
    call.addHeader(PREDICTION_ID, routed.predictionId(request));
    if (routed.isDefault()) {
      call.addHeader(DEFAULT, "true");
      return;
    }
    ModelVersion version = request.lease().version();
    call.addHeader(MODEL, version.model());
    call.addHeader(VERSION, Long.toString(version.version()));
  }
}
