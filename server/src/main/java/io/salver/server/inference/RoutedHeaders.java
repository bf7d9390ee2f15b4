package io.salver.server.inference;

import io.salver.model.ModelVersion;
import io.salver.model.Routed;
import io.salver.predict.PredictRequest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What answers of endpoints carry beside their bodies. Stateless. */
public final class RoutedHeaders {
  /** By which feedback names the answer. */
  public static final String PREDICTION_ID = "salver-prediction-id";

  /** How much the members of an ensemble agree, 0 to 1. */
  public static final String CONFIDENCE = "salver-confidence";

  /** The model that answered; several, with commas between, if an answer was made of theirs. */
  public static final String MODEL = "salver-model";

  /** Its version, likewise. */
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
    List<ModelVersion> versions = routed.answeredBy();
    if (versions.size() == 1) {
      ModelVersion version = versions.getFirst();
      call.addHeader(MODEL, version.model());
      call.addHeader(VERSION, Long.toString(version.version()));
    } else {
      call.addHeader(MODEL, joined(versions, ModelVersion::model));
      call.addHeader(VERSION, joined(versions, version -> Long.toString(version.version())));
    }
    if (!Double.isNaN(routed.confidence())) {
      call.addHeader(CONFIDENCE, Double.toString(routed.confidence()));
    }
  }

  private static String joined(List<ModelVersion> versions, Function<ModelVersion, String> part) {
    return versions.stream().map(part).collect(Collectors.joining(","));
  }
}
