package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.salver.server.fuzz.AllocationBound;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a message: the fields that are read are those that protobuf's own reader finds. */
class ProtoReaderFuzzTest {
  static Stream<byte[]> seeds() {
    UnknownFieldSet inner =
        UnknownFieldSet.newBuilder()
            .mergeField(3, UnknownFieldSet.Field.newBuilder().addFixed32(7).build())
            .build();
    UnknownFieldSet.Field every =
        UnknownFieldSet.Field.newBuilder()
            .addVarint(-1)
            .addFixed32(1)
            .addFixed64(2)
            .addLengthDelimited(inner.toByteString())
            .addGroup(inner)
            .build();
    return Stream.of(
        UnknownFieldSet.newBuilder().mergeField(1, every).build().toByteArray(),
        UnknownFieldSet.newBuilder().mergeField((1 << 29) - 1, every).build().toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest
  void fieldsAreThoseThatProtobufFinds(byte[] message) {
    AllocationBound.check(message.length, () -> read(message));
    Map<Integer, String> fields = read(message);
    if (fields != null) {
      assertThat(fields).isEqualTo(expected(message));
    }
  }

  private static @Nullable Map<Integer, String> expected(byte[] message) {
    Map<Integer, String> fields = new TreeMap<>();
    try {
      UnknownFieldSet.parseFrom(message)
          .asMap()
          .forEach((number, field) -> {
            StringBuilder text = new StringBuilder();
            field.getVarintList().forEach(value -> text.append(varint(value)));
            field.getFixed64List().forEach(value -> text.append("q").append(value));
            field.getLengthDelimitedList().forEach(value -> text.append("l").append(value.size()));
            field.getGroupList().forEach(value -> text.append("g"));
            field.getFixed32List().forEach(value -> text.append("d").append(value));
            fields.put(number, text.toString());
          });
      return fields;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** For each field its values, those of a wire type together, in the order of the wire types. */
  private static @Nullable Map<Integer, String> read(byte[] message) {
    Map<Integer, String[]> values = new TreeMap<>();
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(message));
    try {
      while (reader.next()) {
        int type = reader.wireType();
        String value = value(reader);
        String[] kinds = values.computeIfAbsent(reader.field(), field -> emptyKinds());
        kinds[type] += value;
      }
    } catch (WireFormatException e) {
      return null;
    }
    Map<Integer, String> fields = new TreeMap<>();
    values.forEach((number, kinds) -> fields.put(number, String.join("", kinds)));
    return fields;
  }

  /** Without the last bit: on a tenth byte above 1 protobuf's own readers differ. */
  private static String varint(long value) {
    return "v" + (value & Long.MAX_VALUE);
  }

  private static String[] emptyKinds() {
    return new String[] {"", "", "", "", "", ""};
  }

  private static String value(ProtoReader reader) {
    return switch (reader.wireType()) {
      case ProtoReader.VARINT -> varint(reader.readInt64());
      case ProtoReader.FIXED64 -> "q" + reader.readFixed64();
      case ProtoReader.FIXED32 -> "d" + reader.readFixed32();
      case ProtoReader.LENGTH_DELIMITED ->
          "l" + reader.readBytes().toArray(ValueLayout.JAVA_BYTE).length;
      default -> {
        reader.skip();
        yield "g";
      }
    };
  }
}
