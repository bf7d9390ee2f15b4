package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.salver.server.inference.SignatureCache;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bodies of {@code /infer}: JSON, and binary data behind it. The first byte chooses the model, the
 * second says how much of the body is binary data. What is read is there, or the body is refused.
 */
class InferBodyFuzzTest {
  private static final FuzzedModels MODELS = new FuzzedModels();
  private static final InferBodyReader READER =
      new InferBodyReader(
          new SignatureCache<>(InferPlan::new), SharedMemoryRegions.disabled(), new OutputLabels());

  static Stream<byte[]> seeds() {
    String binary =
        "{'inputs':[{'name':'x','shape':[2],'datatype':'FP32',"
            + "'parameters':{'binary_data_size':8}}],"
            + "'outputs':[{'name':'y','parameters':{'binary_data':true,'classification':1}}]}";
    return Stream.of(
        seed(
            0,
            0,
            "{'id':'1','inputs':[{'name':'x','shape':[1,2],'datatype':'FP32',"
                + "'data':[[1.5,-2]]}]}"),
        seed(0, 8, binary + "12345678"),
        seed(0, 255, "1234"),
        seed(
            1,
            0,
            "{'inputs':[{'data':[1,2],'name':'x','datatype':'INT64','shape':[2]}],"
                + "'parameters':{'priority':1,'timeout':100,'sequence_id':7}}"),
        seed(2, 0, "{'inputs':[{'name':'x','shape':[1],'datatype':'BOOL','data':[true]}]}"),
        seed(
            3,
            0,
            "{'inputs':[{'name':'x','shape':[2],'datatype':'BYTES'," + "'data':['a','\\u00e9']}]}"),
        seed(
            6,
            0,
            "{'inputs':[{'name':'numbers','shape':[1,2],'datatype':'INT32',"
                + "'data':[1,2]},{'name':'names','shape':[1],'datatype':'BYTES',"
                + "'data':['b']}]}"),
        seed(
            0,
            0,
            "{'inputs':[{'name':'x','shape':[1],'datatype':'FP32','parameters':"
                + "{'shared_memory_region':'r','shared_memory_byte_size':4}}]}"));
  }

  private static byte[] seed(int model, int binaryBytes, String body) {
    String text = "" + (char) model + (char) binaryBytes + body.replace('\'', '"');
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @MethodSource("seeds")
  @FuzzTest
  void bodiesAreReadOrRefused(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] body = Arrays.copyOfRange(input, 2, input.length);
    int jsonLength = Math.max(0, body.length - (input[1] & 0xFF));
    FuzzedModels.Reading reading =
        (lease, arena) -> READER.read(body, body.length, jsonLength, lease, arena, 0, 0);
    MODELS.checkAllocation(input[0], body.length, reading);
    Boolean there =
        MODELS.read(
            input[0], reading, request -> Stream.of(request.inputs()).anyMatch(Objects::nonNull));
    assertThat(there).isNotEqualTo(false);
  }
}
