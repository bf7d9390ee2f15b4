package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesJsonReaderTest {
  private static final long SEED = 2718;

  private final ArenaPool arenas = new ArenaPool(1 << 24);
  private final TensorArena arena = arenas.take();
  private final ExamplesJsonReader reader = new ExamplesJsonReader();

  @AfterEach
  void close() {
    arena.close();
    arenas.close();
  }

  private ExamplesBody read(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return reader.read(bytes, bytes.length, arena);
  }

  private List<Map<String, String>> examples(String body) {
    ExamplesBody read = read(body);
    List<Map<String, String>> examples = new ArrayList<>();
    for (long i = 0; i < read.examples().elementCount(); i++) {
      examples.add(decoded(read.examples().getString(i)));
    }
    return examples;
  }

  /** Every feature as text: the number of its list's field, then the values. Later ones win. */
  private static Map<String, String> decoded(MemorySegment example) {
    Map<String, String> features = new TreeMap<>();
    ProtoReader in = new ProtoReader(example);
    while (in.next()) {
      assertThat(in.field()).isEqualTo(1);
      long end = in.enter();
      while (in.next()) {
        assertThat(in.field()).isEqualTo(1);
        long entryEnd = in.enter();
        decodeEntry(in, features);
        in.leave(entryEnd);
      }
      in.leave(end);
    }
    return features;
  }

  private static void decodeEntry(ProtoReader in, Map<String, String> features) {
    String name = "";
    String value = "";
    while (in.next()) {
      if (in.field() == 1) {
        name = in.readString();
      } else {
        assertThat(in.field()).isEqualTo(2);
        long end = in.enter();
        value = decodeFeature(in);
        in.leave(end);
      }
    }
    features.put(name, value);
  }

  private static String decodeFeature(ProtoReader in) {
    StringBuilder text = new StringBuilder();
    while (in.next()) {
      int kind = in.field();
      text.append(kind);
      long end = in.enter();
      while (in.next()) {
        assertThat(in.field()).isEqualTo(1);
        if (kind == 1) {
          text.append(' ').append(in.readString());
          continue;
        }
        long packedEnd = in.enter();
        while (in.hasRemaining()) {
          text.append(' ');
          text.append(
              kind == 2
                  ? String.valueOf(Float.intBitsToFloat(in.readFixed32()))
                  : String.valueOf(in.readVarint()));
        }
        in.leave(packedEnd);
      }
      in.leave(end);
    }
    return text.toString();
  }

  @Test
  void examplesBecomeSerialisedMessages() {
    ExamplesBody read =
        read(
            "{\"examples\": [{\"names\": [\"foo\", \"bar\"], \"ratings\": [8.0, 9.5], \"age\":"
                + " 20}, {\"names\": [\"baz\"], \"ratings\": 6.0}, {}]}");
    assertThat(read.signatureName()).isEqualTo("serving_default");
    assertThat(read.examples().dtype()).isEqualTo(DType.STRING);
    assertThat(read.examples().shape()).isEqualTo(Shape.of(3));
    assertThat(decoded(read.examples().getString(0)))
        .isEqualTo(Map.of("names", "1 foo bar", "ratings", "2 8.0 9.5", "age", "3 20"));
    assertThat(decoded(read.examples().getString(1)))
        .isEqualTo(Map.of("names", "1 baz", "ratings", "2 6.0"));
    assertThat(read.examples().getString(2).byteSize()).isZero();
  }

  @Test
  void everyKindOfValueHasItsList() {
    assertThat(
            examples(
                "{\"examples\": [{\"a\": [1, true, false, -1], \"b\": [NaN, Infinity, -Infinity,"
                    + " 1e39], \"c\": [\"x\", {\"b64\": \"aGVsbG8=\"}], \"d\": [], \"e\":"
                    + " -9223372036854775808, \"f\": 9223372036854775807, \"g\":"
                    + " 99999999999999999999, \"h\": -9223372036854775809}]}"))
        .containsExactly(
            Map.of(
                "a", "3 1 1 0 -1",
                "b", "2 NaN Infinity -Infinity Infinity",
                "c", "1 x hello",
                "d", "",
                "e", "3 -9223372036854775808",
                "f", "3 9223372036854775807",
                "g", "2 1.0E20",
                "h", "2 -9.223372E18"));
  }

  @Test
  void theContextStandsInFrontOfEveryExample() {
    List<Map<String, String>> expected =
        List.of(
            Map.of("query", "1 pizza", "n", "3 2", "x", "3 1"),
            Map.of("query", "1 pasta", "n", "3 1"));
    String context = "\"context\": {\"query\": \"pizza\", \"n\": 1}";
    String examples = "\"examples\": [{\"n\": 2, \"x\": 1}, {\"query\": [\"pasta\"]}]";
    assertThat(examples("{" + context + "," + examples + "}")).isEqualTo(expected);
    assertThat(examples("{" + examples + "," + context + "}")).isEqualTo(expected);
  }

  @Test
  void theSignatureMayBeNamed() {
    String examples = "\"examples\": [{}]";
    assertThat(read("{\"signature_name\": \"s\\u0031\"," + examples + "}").signatureName())
        .isEqualTo("s1");
    assertThat(read("{" + examples + ",\"signature_name\": \"s\"}").signatureName()).isEqualTo("s");
    assertThat(read("{" + examples + ",\"signature_name\": \"\"}").signatureName())
        .isEqualTo("serving_default");
  }

  @Test
  void largeListsAreEncodedWhole() {
    String list = "1,".repeat(10_000) + "300";
    Map<String, String> example = examples("{\"examples\": [{\"v\": [" + list + "]}]}").getFirst();
    assertThat(example.get("v")).isEqualTo("3 " + "1 ".repeat(10_000) + "300");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | JSON Parse error: The document is empty",
        "[] | JSON Value: [] Is not object",
        "{} | JSON Value: {} When method is classify, key 'examples' is expected and was not found",
        "{\"signature_name\": [1], \"examples\": [{}]} | JSON Value: {\"signature_name\": [1],"
            + " \"examples\": [{}]} not formatted correctly. 'signature_name' key must be a string"
            + " value.",
        "{\"context\": [{}]} | Example must be JSON object but got JSON Array",
        "{\"examples\": {}} | JSON Value: {\"examples\": {}} Expecting 'examples' value to be an"
            + " list/array",
        "{\"examples\": []} | JSON Value: {\"examples\": []} 'examples' value is an empty array",
        "{\"examples\": [[{}]]} | Example must be JSON object but got JSON Array",
        "{\"examples\": [5]} | Example must be JSON object but got JSON Number",
        "{\"examples\": [{\"n\": [10, null]}]} | Feature: n has element with unexpected JSON type:"
            + " Null",
        "{\"examples\": [{\"n\": [10, 10.0]}]} | Unexpected element type in feature: n expecting"
            + " type: int64",
        "{\"examples\": [{\"n\": [1.5, 10]}]} | Unexpected element type in feature: n expecting"
            + " type: float",
        "{\"examples\": [{\"n\": [\"a\", true]}]} | Unexpected element type in feature: n expecting"
            + " type: bytes",
        "{\"examples\": [{\"n\": [10, {\"test\": 10}]}]} | Feature: n has element with unexpected"
            + " JSON type: Object",
        "{\"examples\": [{\"n\": [[10], 20]}]} | Feature: n has element with unexpected JSON type:"
            + " Array",
        "{\"examples\": [{\"n\": [20, 18446744073709551603]}]} | Feature: n has uint64 element."
            + " Only int64 is supported.",
        "{\"examples\": [{\"n\": {\"b64\": \"?\"}}]} | Unable to base64 decode",
        "{\"examples\": [{\"n\": 1e999}]} | JSON Parse error: Number too big to be stored in"
            + " double. at offset: 20",
        "{\"examples\": [{\"n\": }]} | JSON Parse error: Invalid value. at offset: 20",
        "{\"examples\": [{\"n\": 1}] | JSON Parse error: Missing a comma or '}' after an object"
            + " member. at offset: 23",
      })
  void wrongBodiesAreRefusedInTensorFlowServingsWords(String body, String message) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> {
              assertThat(e.getMessage()).isEqualTo(message);
              assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT);
            });
  }

  @Test
  void mutatedBodiesAreReadOrRefusedAndNothingElse() {
    byte[] body =
        ("{\"signature_name\":\"s\",\"context\":{\"q\":\"x\\n\",\"l\":[1,2]},\"examples\":[{\"a\":"
                + "[1.5,NaN],\"b\":{\"b64\":\"aGVsbG8=\"}},{\"a\":-3,\"b\":[]}],\"x\":null}")
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = PredictJsonRandomTest.mutated(body, new Random(SEED + i));
      try (TensorArena memory = arenas.take()) {
        ExamplesBody read = reader.read(mutated, mutated.length, memory);
        for (long n = 0; n < read.examples().elementCount(); n++) {
          decoded(read.examples().getString(n));
        }
      } catch (ServingException e) {
        assertThat(e.getMessage()).isNotEmpty();
      } catch (RuntimeException e) {
        fail("seed " + (SEED + i) + ": " + new String(mutated, StandardCharsets.UTF_8), e);
      }
    }
  }
}
