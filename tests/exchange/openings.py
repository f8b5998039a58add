"""What answers fit: a validator of JSON Schema, for the keywords that `/openapi.json` uses."""

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
KNOWN = {
    "$ref",
    "additionalProperties",
    "anyOf",
    "contentEncoding",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "type",
}


def faults(schema, value, document, at="$"):
    """Return what a value has against a schema of a document."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        return faults(document["components"]["schemas"][name], value, document, at)
    if "anyOf" in schema:
        tries = [faults(one, value, document, at) for one in schema["anyOf"]]
        return [] if [] in tries else tries[0]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{at}: {value!r} is none of the words"]
    if schema["type"] == "null":
        return [] if value is None else [f"{at}: {value!r} is not null"]
    if type(value) is not KINDS[schema["type"]]:
        return [f"{at}: {value!r} is no {schema['type']}"]
    found = []
    if isinstance(value, list):
        for place, one in enumerate(value):
            found += faults(schema["items"], one, document, f"{at}[{place}]")
    if isinstance(value, dict):
        found += [
            f"{at}: no {key}" for key in schema.get("required", ()) if key not in value
        ]
        for key, inner in value.items():
            if key in schema["properties"]:
                found += faults(schema["properties"][key], inner, document, f"{at}.{key}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}: {key} is no key")
    return found
