package io.salver.server.inference;

import io.netty.util.AsciiString;
import io.salver.model.ModelVersion;
import io.salver.model.Routed;
import io.salver.predict.PredictRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What answers of endpoints carry beside their bodies. Thread-safe: what is remembered is
 * immutable, and a race loses at most that.
 */
public final class RoutedHeaders {
  /** By which feedback names the answer. */
  public static final AsciiString PREDICTION_ID = AsciiString.cached("salver-prediction-id");

  /** How much the members of an ensemble agree, 0 to 1. */
  public static final AsciiString CONFIDENCE = AsciiString.cached("salver-confidence");

  /** The model that answered; several, with commas between, if an answer was made of theirs. */
  public static final AsciiString MODEL = AsciiString.cached("salver-model");

  /** Its version, likewise. */
  public static final AsciiString VERSION = AsciiString.cached("salver-version");

  /** Says {@code true} if the endpoint's default answered, and is absent otherwise. */
  public static final AsciiString DEFAULT = AsciiString.cached("salver-default");

  private static final AsciiString TRUE = AsciiString.cached("true");
  private static final int SLOTS = 256;

  /** A version as it stands in headers: the same few are written again and again. */
  private record Written(ModelVersion version, AsciiString model, AsciiString number) {
    static Written of(ModelVersion version) {
      return new Written(version, ascii(version.model()), ascii(Long.toString(version.version())));
    }
  }

  private final @Nullable Written[] remembered = new Written[SLOTS];

  void add(Routed routed, PredictRequest request, InferenceCall call) {
    call.addHeader(PREDICTION_ID, ascii(routed.predictionId(request)));
    if (routed.isDefault()) {
      call.addHeader(DEFAULT, TRUE);
      return;
    }
    List<ModelVersion> versions = routed.answeredBy();
    if (versions.size() == 1) {
      Written written = written(versions.get(0));
      call.addHeader(MODEL, written.model);
      call.addHeader(VERSION, written.number);
    } else {
      call.addHeader(MODEL, joined(versions, ModelVersion::model));
      call.addHeader(VERSION, joined(versions, version -> Long.toString(version.version())));
    }
    if (!Double.isNaN(routed.confidence())) {
      call.addHeader(CONFIDENCE, ascii(Double.toString(routed.confidence())));
    }
  }

  private Written written(ModelVersion version) {
    int hash = version.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Written known = remembered[slot];
    if (known != null && known.version.equals(version)) {
      return known;
    }
    Written made = Written.of(version);
    remembered[slot] = made;
    return made;
  }

  private static AsciiString joined(
      List<ModelVersion> versions, Function<ModelVersion, String> part) {
    return ascii(versions.stream().map(part).collect(Collectors.joining(",")));
  }

  private static AsciiString ascii(String text) {
    return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
  }
}
