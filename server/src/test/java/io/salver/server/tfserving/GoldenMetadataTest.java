package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;
import io.salver.testkit.HalfPlusTwo;
import io.salver.testkit.cases.SharedTestData;
import io.salver.wire.ProtoReader;
import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The metadata of real exports against what TensorFlow Serving's own tests expect of them. */
final class GoldenMetadataTest {
  private static final int META_GRAPHS = 2;
  private static final int SIGNATURE_DEF = 5;

  @ParameterizedTest
  @CsvSource({
    "tfs_half_plus_two_cpu/saved_model_half_plus_two_cpu,"
        + "tfs_half_plus_two_cpu/half_plus_two_model_metadata.json",
    "tfs_half_plus_two_2_versions/saved_model_half_plus_two_2_versions,"
        + "tfs_half_plus_two_2_versions/saved_model_half_plus_two_2_versions_metadata.json"
  })
  void answersWhatTensorFlowServingAnswers(String model, String golden) throws IOException {
    JsonObject expected = read(golden);
    assertThat(metadata(model, expected)).isEqualTo(expected);
  }

  /** The expectation is of a sister of this export, which has no defaults. */
  @Test
  void answersTheSameOfATensorFlow2ExportButForItsDefaults() throws IOException {
    JsonObject expected =
        read("tfs_half_plus_two_tf2_cpu/saved_model_half_plus_two_tf2_2_versions_metadata.json");
    JsonObject actual =
        metadata("tfs_half_plus_two_tf2_cpu/saved_model_half_plus_two_tf2_cpu", expected);
    assertThat(withoutDefaults(actual)).isEqualTo(withoutDefaults(expected));
  }

  private static JsonObject withoutDefaults(JsonObject metadata) {
    metadata
        .getAsJsonObject("metadata")
        .getAsJsonObject("signature_def")
        .getAsJsonObject("signature_def")
        .entrySet()
        .forEach(signature -> signature.getValue().getAsJsonObject().remove("defaults"));
    return metadata;
  }

  private static Path exports() {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData.whyAbsent());
    return data.orElseThrow().resolve("A_savedmodel");
  }

  private static JsonObject read(String golden) throws IOException {
    return JsonParser.parseString(Files.readString(exports().resolve(golden))).getAsJsonObject();
  }

  private static JsonObject metadata(String model, JsonObject expected) throws IOException {
    String name = expected.getAsJsonObject("model_spec").get("name").getAsString();
    byte[] signatures =
        signatureDefs(Files.readAllBytes(exports().resolve(model + "/00000123/saved_model.pb")));

    try (ServingFixture server = new ServingFixture(false)) {
      server.models.add(name, 123, new Described(new HalfPlusTwo(), signatures));
      return JsonParser.parseString(server.get("/v1/models/" + name + "/metadata").body())
          .getAsJsonObject();
    }
  }

  /** The signatures of a SavedModel as a serialised {@code SignatureDefMap}. */
  private static byte[] signatureDefs(byte[] savedModel) {
    ProtoWriter map = new ProtoWriter();
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(savedModel));
    while (reader.next()) {
      if (reader.field() != META_GRAPHS) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      while (reader.next()) {
        if (reader.field() == SIGNATURE_DEF) {
          map.bytes(1, reader.readBytes().toArray(ValueLayout.JAVA_BYTE));
        } else {
          reader.skip();
        }
      }
      reader.leave(outer);
    }
    return map.toByteArray();
  }

  /** A model that brings its own description along, as the tensorflow engine's do. */
  private record Described(LoadedModel model, @SuppressWarnings("ArrayRecordComponent") byte[] defs)
      implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return model.signatures();
    }

    @Override
    public boolean isConcurrent() {
      return model.isConcurrent();
    }

    @Override
    public void run(Batch batch) {
      model.run(batch);
    }

    @Override
    public long memoryBytes() {
      return model.memoryBytes();
    }

    @Override
    public Optional<byte[]> metadata(String key) {
      return key.equals("tensorflow.signature_def") ? Optional.of(defs.clone()) : Optional.empty();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
