package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictJsonReaderTest {
  private static final Signature FLOATS = signature(DType.FLOAT32);
  private static final Signature INTS = signature(DType.INT32);
  private static final Signature STRINGS = signature(DType.STRING);
  private static final Signature SEVERAL =
      new Signature(
          Signature.DEFAULT_NAME,
          "",
          List.of(spec("ints", DType.INT32), spec("strings", DType.STRING)),
          List.of());

  private final ArenaPool arenas = new ArenaPool(1 << 24);
  private final TensorArena arena = arenas.take();
  private final PredictJsonReader reader = new PredictJsonReader();

  private static Signature signature(DType dtype) {
    return new Signature(Signature.DEFAULT_NAME, "", List.of(spec("x", dtype)), List.of());
  }

  private static TensorSpec spec(String name, DType dtype) {
    return TensorSpec.of(name, dtype, Shape.UNKNOWN_RANK);
  }

  @AfterEach
  void close() {
    arena.close();
    arenas.close();
  }

  private PredictBody read(Signature signature, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return reader.read(bytes, bytes.length, name -> signature, arena);
  }

  private Tensor only(Signature signature, String body) {
    return Objects.requireNonNull(read(signature, body).inputs()[0]);
  }

  private void assertRefused(Signature signature, String body, String message) {
    assertThatThrownBy(() -> read(signature, body))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> {
              assertThat(e.getMessage()).isEqualTo(message);
              assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT);
            });
  }

  @Test
  void rowsBecomeDimensionZero() {
    PredictBody body = read(INTS, "{\"instances\": [[1,2],[3,4],[5,6]]}");
    assertThat(body.rowFormat()).isTrue();
    assertThat(body.signature()).isSameAs(INTS);
    Tensor tensor = Objects.requireNonNull(body.inputs()[0]);
    assertThat(tensor.toString()).isEqualTo("INT32[3,2]");
    assertThat(tensor.getInt(5)).isEqualTo(6);
  }

  @Test
  void columnsHaveTheShapeTheyAreWrittenIn() {
    PredictBody body = read(INTS, "{\"inputs\": [[[1,2],[3,4],[5,6]]]}");
    assertThat(body.rowFormat()).isFalse();
    assertThat(String.valueOf(body.inputs()[0])).isEqualTo("INT32[1,3,2]");
    assertThat(only(INTS, "{\"inputs\": 7}").shape()).isEqualTo(Shape.SCALAR);
    assertThat(only(INTS, "{\"inputs\": {\"x\": [7]}}").shape()).isEqualTo(Shape.of(1));
  }

  @Test
  void emptyListsGiveDimensionsOfZero() {
    assertThat(only(FLOATS, "{\"inputs\": []}").shape()).isEqualTo(Shape.of(0));
    assertThat(only(FLOATS, "{\"inputs\": [[],[]]}").shape()).isEqualTo(Shape.of(2, 0));
    assertThat(only(FLOATS, "{\"instances\": [[[]],[[]]]}").shape()).isEqualTo(Shape.of(2, 1, 0));
  }

  @Test
  void floatsMayBeWrittenAsIntegersAndAsWords() {
    Tensor tensor =
        only(FLOATS, "{\"instances\": [1, 2.0, 5.003, 1e3, NaN, Infinity, -Infinity, 1e39, -0.0]}");
    float[] expected = {
      1,
      2,
      5.003f,
      1000,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.POSITIVE_INFINITY,
      -0f
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(Float.valueOf(tensor.getFloat(i))).isEqualTo(Float.valueOf(expected[i]));
    }
  }

  @Test
  void halfFloatsAndUint16AreTakenToo() {
    assertThat(only(signature(DType.FLOAT16), "{\"inputs\": 1.5}").getShort(0))
        .isEqualTo(Float.floatToFloat16(1.5f));
    assertThat(only(signature(DType.BFLOAT16), "{\"inputs\": 1.5}").getShort(0))
        .isEqualTo((short) (Float.floatToIntBits(1.5f) >>> 16));
    assertThat(only(signature(DType.UINT16), "{\"inputs\": 65535}").getShort(0))
        .isEqualTo((short) -1);
  }

  @ParameterizedTest
  @CsvSource({
    "INT8, -128, 127, -129, 128",
    "INT16, -32768, 32767, -32769, 32768",
    "INT32, -2147483648, 2147483647, -2147483649, 2147483648",
    "INT64, -9223372036854775808, 9223372036854775807, -9223372036854775809, 9223372036854775808",
    "UINT8, 0, 255, -1, 256",
    "UINT16, 0, 65535, -1, 65536",
    "UINT32, -0, 4294967295, -1, 4294967296",
    "UINT64, 0, 18446744073709551615, -1, 18446744073709551616",
  })
  void integersFitOrAreRefused(DType dtype, String least, String most, String below, String above) {
    Signature signature = signature(dtype);
    assertThat(only(signature, "{\"inputs\": [" + least + "," + most + "]}").elementCount())
        .isEqualTo(2);
    for (String wrong : List.of(below, above, "1.0", "1e0", "NaN", "-Infinity", "true", "\"1\"")) {
      assertThatThrownBy(() -> read(signature, "{\"inputs\": [0, " + wrong + "]}"))
          .as(wrong)
          .isInstanceOf(ServingException.class)
          .hasMessageStartingWith("JSON Value: " + wrong + " Type: ")
          .hasMessageEndingWith(
              " is not of expected type: " + dtype.name().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void complexNumbersAreNotSupported() {
    assertThatThrownBy(() -> read(signature(DType.COMPLEX64), "{\"instances\": [1]}"))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.category()).isEqualTo(Category.UNIMPLEMENTED))
        .hasMessageContaining("Conversion of JSON Value: 1 to type: complex64");
  }

  @Test
  void stringsAreBytesWithOrWithoutBase64() {
    Tensor tensor =
        only(STRINGS, "{\"instances\": [\"h\\u00e9\", {\"b64\": \"aGVsbG8=\"}, {\"b64\":\"\"}]}");
    assertThat(tensor.getUtf8(0)).isEqualTo("h\u00e9");
    assertThat(tensor.getUtf8(1)).isEqualTo("hello");
    assertThat(tensor.getUtf8(2)).isEmpty();
    Tensor nested = only(STRINGS, "{\"instances\": [[{\"b64\": \"aGVsbG8=\"}], [\"x\"]]}");
    assertThat(nested.shape()).isEqualTo(Shape.of(2, 1));
    assertThat(only(STRINGS, "{\"inputs\": {\"b64\": \"aGVsbG8=\"}}").shape())
        .isEqualTo(Shape.SCALAR);
  }

  @Test
  void namedRowsFillSeveralTensorsAtOnce() {
    PredictBody body =
        read(
            SEVERAL,
            "{\"instances\": [{\"ints\": [[1,2],[3,4]], \"strings\": \"a\"},"
                + "{\"strings\": \"b\", \"ints\": [[5,6],[7,8]]}]}");
    assertThat(String.valueOf(body.inputs()[0])).isEqualTo("INT32[2,2,2]");
    assertThat(Objects.requireNonNull(body.inputs()[0]).getInt(7)).isEqualTo(8);
    assertThat(Objects.requireNonNull(body.inputs()[1]).getUtf8(1)).isEqualTo("b");
  }

  @Test
  void namedColumnsMayHaveDifferentShapesAndCompany() {
    PredictBody body =
        read(SEVERAL, "{\"inputs\": {\"more\": {}, \"strings\": [\"a\"], \"ints\": [[1],[2]]}}");
    assertThat(String.valueOf(body.inputs()[0])).isEqualTo("INT32[2,1]");
    assertThat(String.valueOf(body.inputs()[1])).isEqualTo("STRING[1]");
  }

  @Test
  void optionalInputsMayBeLeftOut() {
    Signature signature =
        new Signature(
            Signature.DEFAULT_NAME,
            "",
            List.of(
                spec("a", DType.INT32),
                new TensorSpec("b", DType.INT32, Shape.UNKNOWN_RANK, "b", true)),
            List.of());
    assertThat(read(signature, "{\"inputs\": {\"a\": 1}}").inputs()[1]).isNull();
    assertThat(read(signature, "{\"instances\": [{\"a\":1},{\"a\":2}]}").inputs()[1]).isNull();
    assertRefused(
        signature,
        "{\"instances\": [{\"a\":1},{\"a\":2,\"b\":1}]}",
        "Named input: b is in 1 of 2 elements of 'instances' list (expected: in all or in none)");
    assertRefused(
        signature,
        "{\"instances\": [{\"a\":1,\"b\":1},{\"a\":2}]}",
        "Failed to process element: 1 of 'instances' list. JSON object: {\"a\":2} keys must be"
            + " equal to: a,b");
  }

  @Test
  void aSignatureWithoutInputsTakesAnEmptyObject() {
    Signature none = new Signature("get", "", List.of(), List.of());
    assertThat(read(none, "{\"inputs\": {}}").inputs()).isEmpty();
    assertRefused(none, "{\"instances\": [1]}", "Failed to get input map for signature: get");
  }

  @Test
  void theSignatureIsFoundWhereverItsNameStands() {
    List<String> asked = new ArrayList<>();
    for (String body :
        List.of(
            "{\"signature_name\": \"ints\", \"instances\": [1]}",
            "{\"instances\": [1], \"signature_name\": \"ints\"}")) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      PredictBody read =
          reader.read(
              bytes,
              bytes.length,
              name -> {
                asked.add(name);
                return name.equals("ints") ? INTS : STRINGS;
              },
              arena);
      assertThat(read.signature()).isSameAs(INTS);
    }
    assertThat(asked).containsExactly("ints", Signature.DEFAULT_NAME, "ints");
  }

  @Test
  void anUnknownDefaultSignatureDoesNotMatterIfAnotherIsNamed() {
    byte[] body =
        "{\"instances\": [1], \"signature_name\": \"ints\"}".getBytes(StandardCharsets.UTF_8);
    PredictBody read = reader.read(body, body.length, PredictJsonReaderTest::onlyInts, arena);
    assertThat(read.signature()).isSameAs(INTS);
    byte[] unnamed = "{\"instances\": [1]}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> reader.read(unnamed, unnamed.length, PredictJsonReaderTest::onlyInts, arena))
        .hasMessage("unknown: serving_default");
  }

  private static Signature onlyInts(String name) {
    if (name.equals("ints")) {
      return INTS;
    }
    throw ServingException.invalid("unknown: " + name);
  }

  @Test
  void anEmptySignatureNameMeansTheDefault() {
    byte[] body = "{\"signature_name\":\"\",\"inputs\":1}".getBytes(StandardCharsets.UTF_8);
    reader.read(
        body,
        body.length,
        name -> {
          assertThat(name).isEqualTo("serving_default");
          return INTS;
        },
        arena);
  }

  @Test
  void ofEqualKeysTheFirstCounts() {
    assertThat(only(INTS, "{\"inputs\": [1], \"inputs\": [2, 3]}").elementCount()).isEqualTo(1);
    assertThat(only(INTS, "{\"inputs\": {\"x\": 1, \"x\": 2}}").getInt(0)).isEqualTo(1);
    assertThat(only(INTS, "{\"instances\": [{\"x\": 1, \"x\": \"no\"}]}").getInt(0)).isEqualTo(1);
  }

  @Test
  void unknownMembersAndWhatFollowsTheBodyAreIgnored() {
    String deep = "[".repeat(500_000) + "]".repeat(500_000);
    Tensor tensor =
        only(INTS, "{\"more\": " + deep + ", \"instances\": [5], \"x\": {\"y\": null}} }{ trash");
    assertThat(tensor.getInt(0)).isEqualTo(5);
  }

  @Test
  void aLargeTensorIsReadWhole() {
    StringBuilder body = new StringBuilder("{\"instances\":[");
    for (int i = 0; i < 20_000; i++) {
      body.append(i == 0 ? "" : ",").append("[").append(i).append(",0.25,").append(-i).append(']');
    }
    Tensor tensor = only(FLOATS, body.append("]}").toString());
    assertThat(tensor.shape()).isEqualTo(Shape.of(20_000, 3));
    for (int i = 0; i < 20_000; i++) {
      assertThat(tensor.getFloat(3L * i)).isEqualTo(i);
      assertThat(tensor.getFloat(3L * i + 2)).isEqualTo((float) -i);
    }
  }

  @Test
  void aBodyThatNeedsTooMuchMemoryIsRefused() {
    try (ArenaPool small = new ArenaPool(64 << 10);
        TensorArena little = small.take()) {
      byte[] body =
          ("{\"inputs\":[" + "1,".repeat(100_000) + "1]}").getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> reader.read(body, body.length, name -> FLOATS, little))
          .isInstanceOfSatisfying(
              ServingException.class,
              e -> assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT));
    }
  }

  @Test
  void deeplyNestedTensorsAreRefused() {
    String deep = "[".repeat(500_000) + "1" + "]".repeat(500_000);
    assertRefused(
        FLOATS,
        "{\"inputs\": " + deep + "}",
        "JSON list nested deeper than 32 at offset: 43 (expected: at most 32, the highest rank of"
            + " a tensor)");
    String most = "[".repeat(32) + "1" + "]".repeat(32);
    assertThat(only(FLOATS, "{\"inputs\": " + most + "}").shape().rank()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[[[[1]]]", "{\"inputs\": [[[[1]]]", "{\"a\":"})
  void cutOffBodiesAreSyntaxErrors(String body) {
    assertThatThrownBy(() -> read(FLOATS, body))
        .isInstanceOf(ServingException.class)
        .hasMessageStartingWith("JSON Parse error: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | JSON Parse error: The document is empty",
        "~  ~ | JSON Parse error: The document is empty. at offset: 2",
        "[1] | JSON Value: [1] Is not object",
        "5 | JSON Value: 5 Is not object",
        "abc | JSON Parse error: Invalid value. at offset: 0",
        "{} | Missing 'inputs' or 'instances' key",
        "{\"signature_name\": 5, \"instances\": [1]} | JSON Value: {\"signature_name\": 5,"
            + " \"instances\": [1]} not formatted correctly. 'signature_name' key must be a string"
            + " value.",
        "{\"instances\": [1], \"inputs\": [1]} | ~JSON Value: {\"instances\": [1], \"inputs\": [1]}"
            + " Not formatted correctly expecting only one of 'inputs' or 'instances' keys to"
            + " exist ~",
        "{\"instances\": 1} | JSON Value: {\"instances\": 1} Expecting 'instances' to be an"
            + " list/array",
        "{\"instances\": [ ]} | JSON Value: {\"instances\": [ ]} No values in 'instances' array",
        "{\"instances\": [[1,2],[3,4],[5,6,7]]} | Failed to process element: 2 of 'instances' list."
            + " Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 3",
        "{\"instances\": [[1,2],[[5,6]]]} | Failed to process element: 1 of 'instances' list."
            + " Error: INVALID_ARGUMENT: Expecting shape [2] but got: [1,2]",
        "{\"instances\": [1, [1]]} | Failed to process element: 1 of 'instances' list. Error:"
            + " INVALID_ARGUMENT: Expecting shape [] but got: [1]",
        "{\"instances\": [[1,2],[\"a\",\"b\"]]} | Failed to process element: 1 of 'instances'"
            + " list. Error: INVALID_ARGUMENT: JSON Value: \"a\" Type: String is not of expected"
            + " type: int32",
        "{\"instances\": [null]} | Failed to process element: 0 of 'instances' list. Error:"
            + " INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: int32",
        "{\"instances\": [{\"b64\":\"\"}]} | Failed to process element: 0 of 'instances' list."
            + " Error: INVALID_ARGUMENT: JSON Value: {\"b64\":\"\"} Type: Object is not of expected"
            + " type: int32",
        "{\"instances\": [1, {\"x\": 1}]} | Expecting value/list but got object at item 1 of input"
            + " list",
        "{\"instances\": [{\"x\": 1}, [1]]} | Expecting object but got list at item 1 of input"
            + " list",
        "{\"instances\": [{\"y\": 1}]} | Failed to process element: 0 key: y of 'instances' list."
            + " Error: INVALID_ARGUMENT: JSON object: does not have named input: y",
        "{\"instances\": [{\"x\": 1}, {}]} | Failed to process element: 1 of 'instances' list. JSON"
            + " object: {} keys must be equal to: x",
        "{\"instances\": [{\"x\": true}]} | Failed to process element: 0 key: x of 'instances'"
            + " list. Error: INVALID_ARGUMENT: JSON Value: true Type: True is not of expected type:"
            + " int32",
        "{\"inputs\": {\"y\": 1}} | Missing named input: x in 'inputs' object.",
        "{\"inputs\": [[1],2]} | JSON Value: 2 found at incorrect level: 2 in the JSON DOM."
            + " Expected at level: 2",
        "{\"inputs\": [1,[2]]} | Encountered list at unexpected level: 1 expected < 1",
        "{\"inputs\": [[1],[[2]]]} | Encountered list at unexpected level: 2 expected < 2",
        "{\"inputs\": [[1,2],[3]]} | Encountered list at unexpected size: 1 at level: 1 expected"
            + " size: 2",
        "{\"inputs\": [[1],[]]} | Encountered list at unexpected size: 0 at level: 1 expected size:"
            + " 1",
        "{\"inputs\": [[],[1]]} | Encountered list at unexpected size: 1 at level: 1 expected size:"
            + " 0",
        "{\"inputs\": [1,2,]} | JSON Parse error: Invalid value. at offset: 16",
        "{\"inputs\": [\"a\"], } | JSON Parse error: Missing a name for object member. at offset:"
            + " 18",
      })
  void wrongBodiesAreRefusedInTensorFlowServingsWords(String body, String message) {
    assertRefused(INTS, body, message);
  }

  @Test
  void wrongStringsAreRefused() {
    assertRefused(
        STRINGS, "{\"inputs\": [1]}", "JSON Value: 1 Type: Number is not of expected type: string");
    assertRefused(
        STRINGS,
        "{\"inputs\": [{\"b64\": 1}]}",
        "JSON Value: {\"b64\": 1} not formatted correctly for base64 data");
    assertRefused(STRINGS, "{\"inputs\": {\"b64\": \"a\"}}", "Unable to base64 decode");
  }

  @Test
  void severalInputsNeedNames() {
    assertRefused(
        SEVERAL,
        "{\"instances\": [[1]]}",
        "instances is a plain list, but expecting list of objects as multiple input tensors"
            + " required as per tensorinfo_map");
    assertRefused(
        SEVERAL,
        "{\"inputs\": [1]}",
        "inputs is a plain value/list, but expecting an object as multiple input tensors required"
            + " as per tensorinfo_map");
    assertRefused(
        SEVERAL,
        "{\"instances\": [{\"ints\": 1}]}",
        "Failed to process element: 0 of 'instances' list. JSON object: {\"ints\": 1} keys must be"
            + " equal to: ints,strings");
  }

  @Test
  void longValuesAreCutInMessages() {
    assertThatThrownBy(() -> read(FLOATS, "{\"inputs\": [\"" + "x".repeat(5000) + "\"]}"))
        .hasMessage(
            "JSON Value: \"" + "x".repeat(255) + " Type: String is not of expected type: float");
  }

  @Test
  void onlyTheFirstBytesOfTheArrayAreRead() {
    byte[] body = "{\"inputs\": 12345678901234567890".getBytes(StandardCharsets.UTF_8);
    byte[] longer = Arrays.copyOf(body, body.length);
    longer[14] = '}';
    PredictBody read = reader.read(longer, 15, name -> INTS, arena);
    assertThat(Objects.requireNonNull(read.inputs()[0]).getInt(0)).isEqualTo(123);
  }

  /** Each of these would take hours if its cost grew with the square of its length. */
  @Test
  void costGrowsWithTheLengthOnly() {
    int n = 300_000;
    List<String> bodies =
        List.of(
            "{\"instances\": [" + "{\"x\":1},".repeat(n) + "2]}",
            "{" + "\"instances\": [1],".repeat(n) + "\"a\":1}",
            "{\"inputs\": {" + "\"y\":1,".repeat(n) + "\"x\":\"s\"}}",
            "{\"inputs\": [" + "[1],".repeat(n) + "[1,2]]}",
            "{\"instances\": [" + "[\"".repeat(n),
            "{\"inputs\": [" + "1".repeat(n) + "," + "0.".concat("7".repeat(n)) + "]}",
            "{\"inputs\": \"" + "\\u0041".repeat(n) + "\"}",
            "{\"a\":" + "{\"a\":".repeat(n) + "}".repeat(n));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (String body : bodies) {
            try (TensorArena memory = new ArenaPool(1 << 26).take()) {
              byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
              new PredictJsonReader().read(bytes, bytes.length, name -> INTS, memory);
            } catch (ServingException e) {
              assertThat(e.getMessage()).hasSizeLessThan(600);
            }
          }
        });
  }
}
