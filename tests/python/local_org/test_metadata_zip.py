"""Zips and files that mean harm, or are not what they say."""

import io
import zipfile
from typing import Any

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.package import NAMESPACE, TEXT, Package, Raw, custom_field, failures
from tests.python.local_org.wording import assumed, sourced

MANIFEST = f"<Package {NAMESPACE}><version>67.0</version></Package>"
LOGS = "a public repository's log of deploy errors"


def zipped(entries: list[tuple[str, bytes]], **more: Any) -> Raw:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        archive.writestr("package.xml", MANIFEST)
        for name, data in entries:
            archive.writestr(name, data)
    return Raw(data=target.getvalue())


def failed(org: Client, package: Package) -> str:
    """Deploy what fails as a whole; gives the error's message."""
    result = org.deploy(package)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert result["details"]["componentFailures"] == []
    message: str = result["errorMessage"]
    return message


@pytest.mark.parametrize(
    "name",
    [
        "../package.xml",
        "objects/../../Contact.object",
        "/objects/Contact.object",
        "objects//Contact.object",
        "./objects/Contact.object",
        "objects\\Contact.object",
        "C:/objects/Contact.object",
        "objects/Con\ntact.object",
    ],
)
def test_paths_that_lead_elsewhere(org: Client, name: str) -> None:
    text = assumed("The zip file holds a path that is not allowed")
    # zipfile would tidy some names; the bytes are put in place after it.
    shaped = "x" * len(name)
    package = zipped([(shaped, b"<a/>")])
    package.data = package.data.replace(shaped.encode(), name.encode())
    assert failed(org, package) == text


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice(org: Client) -> None:
    package = zipped([("objects/A.object", b"<a/>"), ("objects/A.object", b"<b/>")])
    assert failed(org, package) == assumed("The zip file holds objects/A.object twice")


def test_more_files_than_a_deploy_takes(org: Client) -> None:
    package = zipped([(f"objects/A{number}.object", b"") for number in range(10_001)])
    assert failed(org, package) == assumed("The zip file holds more than 10000 files")


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 60])
def test_what_is_no_zip(org: Client, data: bytes) -> None:
    assert failed(org, Raw(data=data)) == assumed("The zip file is not valid")


def test_a_zip_cut_short_or_damaged(org: Client) -> None:
    whole = zipped([("objects/A.object", b"<a>" + b"x" * 9_000 + b"</a>")]).data
    assert failed(org, Raw(data=whole[:-30])) == assumed("The zip file is not valid")
    spoilt = bytearray(whole)
    spoilt[40] ^= 0xFF
    assert failed(org, Raw(data=bytes(spoilt))) == assumed("The zip file is not valid")


def test_an_encrypted_zip(org: Client) -> None:
    data = bytearray(zipped([]).data)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert failed(org, Raw(data=bytes(data))) == assumed("The zip file is encrypted")


def bomb() -> Raw:
    """450 MB of nothing in less than half a megabyte."""
    return zipped([(f"objects/B{n}.object", b" " * 45_000_000) for n in range(10)])


def test_a_zip_bomb(org: Client) -> None:
    text = assumed("The zip file is larger than 400000000 bytes when unzipped")
    assert failed(org, bomb()) == text


def test_a_bomb_that_lies_about_its_size(org: Client) -> None:
    """The headers say 5 bytes; what comes out is what counts."""
    data = bytearray(zipped([("objects/B.object", b" " * 1_000_000)]).data)
    real = (1_000_000).to_bytes(4, "little")
    small = (5).to_bytes(4, "little")
    package = Raw(data=bytes(data.replace(real, small)))
    result = org.deploy(package)
    assert result["status"] == "Failed" and result["errorMessage"]


def test_more_metadata_than_is_read(org: Client) -> None:
    package = zipped([("objects/B.object", b" " * 41_000_000)])
    text = assumed("The local org reads no more than 40000000 bytes of metadata")
    assert failed(org, package) == text


def test_a_zip_that_is_too_large(org: Client) -> None:
    package = Raw(data=b"x" * 42_000_000)
    body = {
        "json": (None, '{"deployOptions": {}}', "application/json"),
        "file": ("deploy.zip", package.zip(), "application/zip"),
    }
    answer = org.call("POST", "/metadata/deployRequest", files=body)
    assert answer.status_code == 413
    assert "Maximum size of request reached" in answer.json()[0]["message"]


def test_files_nobody_knows_are_not_taken_silently(org: Client) -> None:
    package = Package().object("Contact", custom_field("Known__c", "Text", TEXT))
    package.files["classes/A.cls"] = "class A {}"
    package.files["objects/Contact.txt"] = "x"
    package.files["objects/deep/Contact.object"] = "x"
    package.files["flexipages/Page.flexipage"] = "<FlexiPage/>"
    package.files["README.md"] = "x"
    words = "The local org does not support files like"
    found = org.deploy(package)["details"]["componentFailures"]
    assert {each["fileName"]: each["problem"] for each in found} == {
        "README.md": assumed(f"{words} README.md in the folder '.'"),
        "classes/A.cls": assumed(f"{words} A.cls in the folder 'classes'"),
        "flexipages/Page.flexipage": assumed(f"{words} Page.flexipage in the folder 'flexipages'"),
        "objects/Contact.txt": assumed(f"{words} Contact.txt in the folder 'objects'"),
        "objects/deep/Contact.object": assumed(
            f"{words} Contact.object in the folder 'objects/deep'"
        ),
    }


BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f"<CustomObject {NAMESPACE}><label>&b;</label></CustomObject>"
)
READER = (
    '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    f"<CustomObject {NAMESPACE}><label>&f;</label></CustomObject>"
)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (BOMB, assumed("Error parsing file: DOCTYPE is not allowed")),
        (READER, assumed("Error parsing file: DOCTYPE is not allowed")),
        ("<CustomObject", assumed("Error parsing file: unclosed token")),
        ("", assumed("Error parsing file: no element found")),
        ("<a>", assumed("Error parsing file: no element found")),
        (
            f"<CustomObject {NAMESPACE}>&nope;</CustomObject>",
            assumed("Error parsing file: undefined entity"),
        ),
        ("<CustomObject/>", assumed("Error parsing file: Unexpected element {}CustomObject")),
        (f"<Layout {NAMESPACE}/>", assumed("Error parsing file: Unexpected element Layout")),
        (
            f"<CustomObject {NAMESPACE}>{'<fields>' * 40}{'</fields>' * 40}</CustomObject>",
            assumed("Error parsing file: Elements are nested too deeply"),
        ),
        (
            '<?xml version="1.0" encoding="wish"?><CustomObject/>',
            assumed("Error parsing file: unknown encoding"),
        ),
        (
            f"<CustomObject {NAMESPACE}><label><b>x</b></label></CustomObject>",
            sourced(
                "Error parsing file: Unexpected element {http://soap.sforce.com/2006/04/metadata}b "
                "during simple type deserialization",
                LOGS,
            ),
        ),
    ],
)
def test_files_that_do_not_parse(org: Client, body: str, problem: str) -> None:
    package = Package(members={"CustomObject": ["Contact"]})
    package.files["objects/Contact.object"] = body
    result = org.deploy(package)
    assert failures(result) == {"Contact": problem}
    assert result["details"]["componentFailures"][0]["lineNumber"] == 1


def test_a_package_xml_that_does_not_parse(org: Client) -> None:
    package = Package(manifest=False)
    package.files["package.xml"] = "<Package"
    text = assumed("Error parsing file: unclosed token")
    assert failures(org.deploy(package)) == {"package.xml": text}


def test_names_are_never_sql(org: Client) -> None:
    name = 'A"; drop table data."Contact"; --__c'
    package = Package().object("Contact", custom_field("A__c", "Text", TEXT).replace("A__c", name))
    package.members = {"CustomField": ["*"]}
    assert "API Name" in failures(org.deploy(package))[f"Contact.{name}"]
    package = Package()
    package.files['objects/B"; drop table x__c.object'] = (
        f"<CustomObject {NAMESPACE}><label>B</label></CustomObject>"
    )
    package.members = {"CustomObject": ["*"]}
    assert "API Name" in next(iter(failures(org.deploy(package)).values()))
    assert org.query("SELECT COUNT(Id) FROM Contact")
