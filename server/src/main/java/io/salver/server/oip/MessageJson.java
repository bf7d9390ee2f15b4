package io.salver.server.oip;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.salver.server.json.JsonWriter;
import java.util.List;

/**
 * Writes messages as Triton's JSON: the fields' own names, 64-bit numbers as numbers, and also
 * fields that are zero or empty; only messages that are not set are left out. Stateless.
 */
final class MessageJson {
  private MessageJson() {}

  static void write(Message message, JsonWriter out) {
    String before = "{";
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated() || !field.hasPresence() || message.hasField(field)) {
        out.raw(before).string(field.getName()).raw(':');
        writeField(field, message.getField(field), out);
        before = ",";
      }
    }
    out.raw(before.equals("{") ? "{}" : "}");
  }

  private static void writeField(FieldDescriptor field, Object value, JsonWriter out) {
    if (field.isMapField()) {
      writeMap(field, (List<?>) value, out);
    } else if (field.isRepeated()) {
      writeList(field, (List<?>) value, out);
    } else {
      writeValue(field, value, out);
    }
  }

  private static void writeMap(FieldDescriptor field, List<?> entries, JsonWriter out) {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    out.raw('{');
    for (int i = 0; i < entries.size(); i++) {
      Message entry = (Message) entries.get(i);
      out.raw(i == 0 ? "" : ",").string(String.valueOf(entry.getField(key))).raw(':');
      writeValue(value, entry.getField(value), out);
    }
    out.raw('}');
  }

  private static void writeList(FieldDescriptor field, List<?> values, JsonWriter out) {
    out.raw('[');
    for (int i = 0; i < values.size(); i++) {
      out.raw(i == 0 ? "" : ",");
      writeValue(field, values.get(i), out);
    }
    out.raw(']');
  }

  private static void writeValue(FieldDescriptor field, Object value, JsonWriter out) {
    boolean unsigned =
        field.getType() == FieldDescriptor.Type.UINT64
            || field.getType() == FieldDescriptor.Type.UINT32;
    switch (value) {
      case Integer number when unsigned -> out.value(Integer.toUnsignedLong(number));
      case Integer number -> out.value((long) number);
      case Long number when unsigned -> out.unsigned(number);
      case Long number -> out.value((long) number);
      case Boolean bool -> out.value((boolean) bool);
      case Float number -> out.value((float) number);
      case Double number -> out.value((double) number);
      case EnumValueDescriptor constant -> out.string(constant.getName());
      case Message message -> write(message, out);
      default -> out.string(value.toString());
    }
  }
}
