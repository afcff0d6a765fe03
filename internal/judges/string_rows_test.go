package judges

// stringRows has the tags on strings that have a name and no other kind.
func stringRows() []*row {
	return []*row{
		exact[struct {
			V string `json:"v" validate:"alpha"`
		}](`"abc"`),
		exact[struct {
			V string `json:"v" validate:"alphaspace"`
		}](`"a b"`),
		exact[struct {
			V string `json:"v" validate:"alphanum"`
		}](`"a1"`),
		exact[struct {
			V string `json:"v" validate:"alphanumspace"`
		}](`"a 1"`),
		exact[struct {
			V string `json:"v" validate:"alphaunicode"`
		}](`"äß"`),
		exact[struct {
			V string `json:"v" validate:"alphanumunicode"`
		}](`"ä٣1"`),
		exact[struct {
			V string `json:"v" validate:"numeric"`
		}](`"-1.5"`, `"+2"`),
		exact[struct {
			V string `json:"v" validate:"number"`
		}](`"12"`),
		exact[struct {
			V string `json:"v" validate:"hexadecimal"`
		}](`"0xfF"`, `"a0"`),
		exact[struct {
			V string `json:"v" validate:"hexcolor"`
		}](`"#fff"`, `"#ffff"`, `"#abcdef"`, `"#abcdef01"`),
		exact[struct {
			V string `json:"v" validate:"rgb"`
		}](`"rgb(1,2,3)"`, `"rgb(10%, 20%, 30%)"`, `"rgb( 255 ,0,0 )"`),
		exact[struct {
			V string `json:"v" validate:"rgba"`
		}](`"rgba(1,2,3,0.5)"`, `"rgba(1,2,3,1)"`),
		exact[struct {
			V string `json:"v" validate:"hsl"`
		}](`"hsl(360,100%,0%)"`),
		exact[struct {
			V string `json:"v" validate:"hsla"`
		}](`"hsla(1,2%,3%,0.1)"`),
		exact[struct {
			V string `json:"v" validate:"cmyk"`
		}](`"cmyk(1%,20%,100%,0%)"`),
		exact[struct {
			V string `json:"v" validate:"e164"`
		}](`"+49123456789"`),
		exact[struct {
			V string `json:"v" validate:"uuid"`
		}](`"A987fbc9-4bed-3078-cf07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"uuid_rfc4122"`
		}](`"A987fbc9-4bed-3078-cf07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"uuid3"`
		}](`"a987fbc9-4bed-3078-cf07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"uuid4"`
		}](`"57b73598-8764-4ad0-a76a-679bb6640eb1"`),
		exact[struct {
			V string `json:"v" validate:"uuid5"`
		}](`"987fbc97-4bed-5078-af07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"uuid7"`
		}](`"018f6b5e-7b2a-7c3d-8e4f-0123456789ab"`),
		exact[struct {
			V string `json:"v" validate:"uuid3_rfc4122"`
		}](`"A987fbc9-4bed-3078-cf07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"uuid4_rfc4122"`
		}](`"57B73598-8764-4ad0-A76a-679bb6640eb1"`),
		exact[struct {
			V string `json:"v" validate:"uuid5_rfc4122"`
		}](`"987FBC97-4bed-5078-af07-9141ba07c9f3"`),
		exact[struct {
			V string `json:"v" validate:"ulid"`
		}](`"01BX5ZZKBKACTAV9WEVGEMMVRZ"`),
		exact[struct {
			V string `json:"v" validate:"md4"`
		}](`"0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"md5"`
		}](`"0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"sha256"`
		}](`"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"sha384"`
		}](`"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"sha512"`
		}](`"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"ripemd128"`
		}](`"0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"ripemd160"`
		}](`"0123456789abcdef0123456789abcdef01234567"`),
		exact[struct {
			V string `json:"v" validate:"tiger128"`
		}](`"0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"tiger160"`
		}](`"0123456789abcdef0123456789abcdef01234567"`),
		exact[struct {
			V string `json:"v" validate:"tiger192"`
		}](`"0123456789abcdef0123456789abcdef0123456789abcdef"`),
		exact[struct {
			V string `json:"v" validate:"base32"`
		}](`"NBSWY3DP"`, `"ME======"`, `"MFRA===="`, `"MFRGG==="`, `"MFRGGZA="`),
		exact[struct {
			V string `json:"v" validate:"base64"`
		}](`"YQ=="`, `"YWI="`, `"YWJj"`),
		exact[struct {
			V string `json:"v" validate:"base64url"`
		}](`"YQ=="`, `"_-I="`, `"YWJj"`),
		exact[struct {
			V string `json:"v" validate:"base64rawurl"`
		}](`"YQ"`, `"_-I"`, `"YWJj"`),
		exact[struct {
			V string `json:"v" validate:"ascii"`
		}](`"ab\n"`),
		exact[struct {
			V string `json:"v" validate:"printascii"`
		}](`"a~ "`),
		exact[struct {
			V string `json:"v" validate:"multibyte"`
		}](`"aé"`, `"a"`),
		exact[struct {
			V string `json:"v" validate:"datauri"`
		}](`"data:text/plain;base64,YQ=="`, `"data:,YWI="`),
		exact[struct {
			V string `json:"v" validate:"latitude"`
		}](`"-90.0"`, `"45.5"`),
		exact[struct {
			V string `json:"v" validate:"longitude"`
		}](`"180"`, `"-179.9"`),
		exact[struct {
			V string `json:"v" validate:"ein"`
		}](`"12-3456789"`),
		exact[struct {
			V string `json:"v" validate:"ssn"`
		}](`"123-45-6789"`, `"123 45 6789"`),
		exact[struct {
			V string `json:"v" validate:"hostname"`
		}](`"a-b.example.com"`, `"a1"`),
		exact[struct {
			V string `json:"v" validate:"hostname_rfc1123"`
		}](`"1a.example.com"`),
		exact[struct {
			V string `json:"v" validate:"hostname_label"`
		}](`"a-1"`),
		exact[struct {
			V string `json:"v" validate:"hostname_port"`
		}](`"example.com:80"`, `":1"`, `"[]:80"`, `"a:65535"`, `"a:+080"`),
		exact[struct {
			V string `json:"v" validate:"fqdn"`
		}](`"a.example.com"`, `"a.b."`, `"x.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com"`),
		exact[struct {
			V string `json:"v" validate:"dns_rfc1035_label"`
		}](`"a-1"`),
		exact[struct {
			V string `json:"v" validate:"jwt"`
		}](`"aa.bb.cc"`, `"a_-.b."`),
		exact[struct {
			V string `json:"v" validate:"html"`
		}](`"<b>x</b>"`, `"a<i class=x>"`),
		exact[struct {
			V string `json:"v" validate:"html_encoded"`
		}](`"&#x41;"`, `"&lt;"`, `"&amp"`),
		exact[struct {
			V string `json:"v" validate:"url_encoded"`
		}](`"a%20b"`),
		exact[struct {
			V string `json:"v" validate:"eth_addr"`
		}](`"0xaBaBaBaBaBaBaBaBaBaBaBaBaBaBaBaBaBaBaBaB"`),
		exact[struct {
			V string `json:"v" validate:"bic"`
		}](`"DEUTDEFF"`, `"DEUTDEFF500"`),
		exact[struct {
			V string `json:"v" validate:"bic_iso_9362_2014"`
		}](`"DEUTDEFF"`, `"deutdeff500"`),
		exact[struct {
			V string `json:"v" validate:"semver"`
		}](`"1.2.3"`, `"1.0.0-alpha.1+b.2"`),
		exact[struct {
			V string `json:"v" validate:"cve"`
		}](`"CVE-2021-1234"`, `"CVE-1999-0001"`, `"CVE-2021-0120"`),
		exact[struct {
			V string `json:"v" validate:"mongodb"`
		}](`"507f1f77bcf86cd799439011"`),
		exact[struct {
			V string `json:"v" validate:"mongodb_connection_string"`
		}](`"mongodb://a:b@h:1,i:2/d?x=y&z=1"`, `"mongodb+srv://h"`, `"mongodb://h?a=1&2=3&&"`),
		exact[struct {
			V string `json:"v" validate:"cron"`
		}](`"* * * * *"`, `"@daily"`, `"@every 1h30m"`, `"0 0 1-5 * 1,2"`),
		exact[struct {
			V string `json:"v" validate:"spicedb"`
		}](`"a/b_|=+-"`, `"*"`),
		exact[struct {
			V string `json:"v" validate:"spicedb=permission"`
		}](`"abc"`, `""`),
		exact[struct {
			V string `json:"v" validate:"spicedb=type"`
		}](`"abc/def"`, `"abc"`),
		exact[struct {
			V string `json:"v" validate:"boolean"`
		}](`"true"`, `"T"`, `"0"`, `"false"`),
		exact[struct {
			V string `json:"v" validate:"ip"`
		}](`"1.2.3.4"`, `"::1"`, `"::ffff:1.2.3.4"`, `"fe80::1:2"`),
		exact[struct {
			V string `json:"v" validate:"iso3166_1_alpha2"`
		}](`"DE"`, `"US"`),
		exact[struct {
			V string `json:"v" validate:"iso3166_1_alpha2_eu"`
		}](`"DE"`, `"US"`),
		exact[struct {
			V string `json:"v" validate:"iso3166_1_alpha3"`
		}](`"DEU"`),
		exact[struct {
			V string `json:"v" validate:"iso3166_1_alpha3_eu"`
		}](`"DEU"`),
		exact[struct {
			V string `json:"v" validate:"iso4217"`
		}](`"EUR"`),
		loose[struct {
			V string `json:"v" validate:"country_code"`
		}](`"DE"`, `"DEU"`, `"276"`),
		exact[struct {
			V string `json:"v" validate:"datetime=2006-01-02"`
		}](`"2024-02-29"`, `"2023-02-29"`, `"0000-01-01"`),
		exact[struct {
			V string `json:"v" validate:"postcode_iso3166_alpha2=DE"`
		}](`"12345"`),
		exact[struct {
			V string `json:"v" validate:"postcode_iso3166_alpha2=GB"`
		}](`"SW1A 1AA"`),
		exact[struct {
			V string `json:"v" validate:"postcode_iso3166_alpha2=US"`
		}](`"12345-6789"`),
		exact[struct {
			V string `json:"v" validate:"postcode_iso3166_alpha2=CA"`
		}](`"K1A 0B1"`),
		loose[struct {
			V string `json:"v" validate:"ipv4"`
		}](`"1.2.3.4"`, `"::ffff:1.2.3.4"`, `"::ffff:102:304"`),
		loose[struct {
			V string `json:"v" validate:"ipv6"`
		}](`"::1"`, `"fe80::1"`, `"1::2:3.4.5.6"`),
		loose[struct {
			V string `json:"v" validate:"email"`
		}](`"a@b.de"`, `"müller@bücher.example"`, `"\"a b\"@c.de"`),
		loose[struct {
			V string `json:"v" validate:"url"`
		}](`"http://a/b"`, `"mailto:a@b"`, `"file:///a"`),
		loose[struct {
			V string `json:"v" validate:"http_url"`
		}](`"HTTP://a"`, `"https://b/c"`),
		loose[struct {
			V string `json:"v" validate:"https_url"`
		}](`"https://b"`),
		loose[struct {
			V string `json:"v" validate:"uri"`
		}](`"/a"`, `"http://b#c"`),
		loose[struct {
			V string `json:"v" validate:"origin"`
		}](`"https://a:8080"`, `"http://b"`),
		loose[struct {
			V string `json:"v" validate:"urn_rfc2141"`
		}](`"urn:isbn:0451450523"`),
		loose[struct {
			V string `json:"v" validate:"urn_rfc8141"`
		}](`"urn:example:a?+b"`),
		loose[struct {
			V string `json:"v" validate:"cidr"`
		}](`"1.2.3.0/24"`, `"::/0"`),
		loose[struct {
			V string `json:"v" validate:"cidrv4"`
		}](`"1.2.3.0/24"`, `"::ffff:1.2.3.0/120"`),
		loose[struct {
			V string `json:"v" validate:"cidrv6"`
		}](`"2001:db8::/32"`),
		loose[struct {
			V string `json:"v" validate:"mac"`
		}](`"00:00:5e:00:53:01"`, `"0000.5e00.5301"`, `"00005e005301"`, `"02-00-5e-10-00-00-00-01"`),
		loose[struct {
			V string `json:"v" validate:"duration"`
		}](`"1h30m"`, `"-1.5s"`, `"0"`, `"+.5ms"`),
		loose[struct {
			V string `json:"v" validate:"isbn"`
		}](`"3-8362-2119-5"`, `"978-3-8362-2119-0"`),
		loose[struct {
			V string `json:"v" validate:"isbn10"`
		}](`"3836221195"`, `"3-423-21412-0"`),
		loose[struct {
			V string `json:"v" validate:"isbn13"`
		}](`"9783836221191"`, `"978-3401013190"`),
		loose[struct {
			V string `json:"v" validate:"issn"`
		}](`"0317-8471"`),
		loose[struct {
			V string `json:"v" validate:"credit_card"`
		}](`"4111 1111 1111 1111"`, `"4111111111111111"`),
		loose[struct {
			V string `json:"v" validate:"luhn_checksum"`
		}](`"586824160825533338"`, `"18"`),
		loose[struct {
			V string `json:"v" validate:"btc_addr"`
		}](`"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"`),
		loose[struct {
			V string `json:"v" validate:"btc_addr_bech32"`
		}](`"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"`),
		loose[struct {
			V string `json:"v" validate:"eth_addr_checksum"`
		}](`"0x52908400098527886E0F7030069857D2E4169EE7"`),
		loose[struct {
			V string `json:"v" validate:"lowercase"`
		}](`"abc"`, `"é"`),
		loose[struct {
			V string `json:"v" validate:"uppercase"`
		}](`"ABC"`),
		loose[struct {
			V string `json:"v" validate:"json"`
		}](`"{}"`, `"[1]"`),
		loose[struct {
			V string `json:"v" validate:"iso3166_2"`
		}](`"DE-BE"`, `"US-CA"`),
		loose[struct {
			V string `json:"v" validate:"iso3166_1_alpha_numeric"`
		}](`"276"`, `"+1276"`),
		loose[struct {
			V string `json:"v" validate:"timezone"`
		}](`"UTC"`, `"Europe/Berlin"`),
		loose[struct {
			V string `json:"v" validate:"bcp47_language_tag"`
		}](`"de-DE"`),
		loose[struct {
			V string `json:"v" validate:"datetime=2006-01-02T15:04:05Z07:00"`
		}](`"2024-02-29T01:02:03Z"`, `"2024-02-29T1:02:03,5+24:00"`),
		loose[struct {
			V string `json:"v" validate:"datetime=15:04"`
		}](`"23:59"`),
		loose[struct {
			V string `json:"v" validate:"tcp_addr"`
		}](`"127.0.0.1:80"`),
		loose[struct {
			V string `json:"v" validate:"ip_addr"`
		}](`"127.0.0.1"`),
	}
}
